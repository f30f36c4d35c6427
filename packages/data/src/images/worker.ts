import { parentPort, workerData } from "node:worker_threads";
import type { WorkerReply, WorkerRequest } from "./batch-workers.ts";
import { type BatchSettings, createBatchLoader } from "./load-batch.ts";

const port = parentPort;
const loader = createBatchLoader(workerData as BatchSettings);

port?.on("message", async (request: WorkerRequest) => {
  if (request.kind === "stop") {
    await loader.close();
    // The thread ends by itself when what is being decoded is done.
    port.close();
    return;
  }
  const { position } = request.job;
  try {
    const batch = await loader.load(request.job);
    const reply: WorkerReply = { kind: "batch", batch };
    port.postMessage(reply, [batch.images.buffer as ArrayBuffer]);
  } catch (error) {
    // A copy of an error keeps its message and stack, not its code.
    const properties = error instanceof Error ? { ...error } : {};
    port.postMessage({ kind: "error", position, error, properties } satisfies WorkerReply);
  }
});
