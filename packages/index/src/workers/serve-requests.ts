/** The answer of a thread to one request. */
export interface ThreadReply {
  readonly value?: unknown;
  /** What the request failed with; copied between threads, an error keeps its class, message and stack. */
  readonly error?: unknown;
}

/** The message that ends a thread after what it is at: it answers nothing more. */
export const endOfThread = "end";

/** What is used of the port of a thread of Node, Deno or Bun. */
interface NodePort {
  on(event: "message", listener: (message: unknown) => void): void;
  postMessage(message: ThreadReply, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

/** What is used of the scope of a browser's worker. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: ThreadReply, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

interface Port {
  post(reply: ThreadReply, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

/**
 * Answers each message to this thread by one, in their order. Buffers that `transferOf` names are moved. An answer may
 * stop early once nobody waits for it any more.
 */
export async function serveRequests<Request, Value>(
  answer: (request: Request, isEnded: () => boolean) => Promise<Value>,
  transferOf: (value: Value) => readonly ArrayBuffer[],
): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let ended = false;
  const serve = async (request: Request, port: Port): Promise<void> => {
    if (ended) return;
    try {
      const value = await answer(request, () => ended);
      port.post({ value }, transferOf(value));
    } catch (error) {
      postError(error, port);
    }
  };
  const listen = (message: unknown, port: Port): void => {
    ended ||= message === endOfThread;
    last = last.then(() => (message === endOfThread ? port.close() : serve(message as Request, port)));
  };
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) {
    const scope = globalThis as unknown as WorkerScope;
    const port: Port = {
      post: (reply, transfer) => scope.postMessage(reply, transfer),
      close: () => scope.close(),
    };
    scope.onmessage = ({ data }) => listen(data, port);
    return;
  }
  const specifier = "node:worker_threads";
  const { parentPort } = (await import(specifier)) as { readonly parentPort: NodePort };
  const port: Port = {
    post: (reply, transfer) => parentPort.postMessage(reply, transfer),
    close: () => parentPort.close(),
  };
  parentPort.on("message", (message) => listen(message, port));
}

/** Posts an error or, where it cannot be copied, its words. */
function postError(error: unknown, port: Port): void {
  try {
    port.post({ error }, []);
  } catch {
    port.post({ error: new Error(String(error)) }, []);
  }
}
