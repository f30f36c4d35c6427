import { source } from "../generated/hnsw-worker.ts";
import { spawnWorker, type WorkerThread } from "../workers/spawn-worker.ts";
import type { GraphReply, GraphRequest } from "./graph-messages.ts";

/** The thread that a graph lives in, as its owner sees it. */
export interface GraphThread {
  /** Asks for something; requests are served in the order they were made. Buffers in `transfer` are moved. */
  request(request: GraphRequest, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Ends the thread; what was asked and not answered rejects. Settled when its memory is free. */
  close(): Promise<void>;
}

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts a thread. It keeps the process alive only while it is asked something. */
export async function startGraphThread(): Promise<GraphThread> {
  const pending = new Map<number, PendingCall>();
  let failure: Error | undefined;
  let calls = 0;

  const settle = ({ call, value, error }: GraphReply): void => {
    const asked = pending.get(call);
    // An answer that was on its way when the thread was ended still arrives.
    if (asked === undefined) return;
    pending.delete(call);
    if (pending.size === 0) worker.keepAlive(false);
    if (error === undefined) asked.resolve(value);
    else asked.reject(error);
  };
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
  };
  const worker: WorkerThread = await spawnWorker(source, {
    onMessage: (message) => settle(message as GraphReply),
    onError: fail,
  });
  worker.keepAlive(false);

  return {
    request: (request, transfer = []) => {
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        const call = calls++;
        // First, since what cannot be sent throws, and no answer to it will come.
        worker.post({ call, request }, transfer);
        pending.set(call, { resolve, reject });
        worker.keepAlive(true);
      });
    },
    close: () => {
      const ended = worker.terminate();
      fail(new RangeError("HnswIndex: expected the index to be open, got one that was disposed of"));
      return ended;
    },
  };
}
