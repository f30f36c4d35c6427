// The program of the thread that a graph lives in. tooling/generate.ts bundles it into src/generated/hnsw-worker.ts.
import type { GraphCall, GraphReply } from "./graph-messages.ts";
import { createGraphServer } from "./graph-server.ts";

interface OwnerPort {
  on(event: "message", listener: (call: GraphCall) => void): void;
  postMessage(reply: GraphReply, transfer?: readonly ArrayBufferLike[]): void;
}

async function start(): Promise<void> {
  const specifier = "node:worker_threads";
  const { parentPort } = (await import(specifier)) as { readonly parentPort: OwnerPort };
  const serve = createGraphServer();
  let last: Promise<void> = Promise.resolve();
  parentPort.on("message", ({ call, request }) => {
    last = last.then(async () => {
      try {
        const { value, transfer } = await serve(request);
        parentPort.postMessage({ call, value }, transfer);
      } catch (error) {
        parentPort.postMessage({ call, error });
      }
    });
  });
}

void start();
