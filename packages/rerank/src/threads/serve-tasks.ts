import { buffersOf } from "./buffers.ts";
import type { ThreadReply, ThreadRequest } from "./messages.ts";
import type { RowTask } from "./method.ts";

/** What is used of the port of a thread of Node, Deno or Bun, and of the scope of a browser's worker. */
interface Port {
  postMessage(message: ThreadReply, transfer: readonly ArrayBuffer[]): void;
}

/** The program of a thread: does what it is asked of these tasks. */
export async function serveTasks(tasks: readonly RowTask<never, unknown>[]): Promise<void> {
  const byName = new Map(tasks.map((task) => [task.name, task as RowTask<object, unknown>]));
  const inputs = new Map<number, object>();
  const answer = (request: ThreadRequest, port: Port): void => {
    if (request.kind === "input") inputs.set(request.id, request.input);
    else if (request.kind === "forget") inputs.delete(request.id);
    else {
      try {
        const { run } = byName.get(request.task)!;
        const part = run(inputs.get(request.id)!, request.first, request.end);
        port.postMessage({ part }, buffersOf(part));
      } catch (error) {
        // Others than errors of the language, such as that something cannot be sent, may arrive without their message.
        const isSent = Object.prototype.toString.call(error) === "[object Error]";
        port.postMessage({ error: isSent ? error : new Error(String(error)) }, []);
      }
    }
  };
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) {
    const scope = globalThis as unknown as Port & { onmessage: unknown };
    scope.onmessage = ({ data }: { readonly data: ThreadRequest }) => answer(data, scope);
    return;
  }
  const specifier = "node:worker_threads";
  const { parentPort } = (await import(specifier)) as {
    readonly parentPort: Port & { on(event: "message", listener: (message: ThreadRequest) => void): void };
  };
  parentPort.on("message", (message) => answer(message, parentPort));
}
