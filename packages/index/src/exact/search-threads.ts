import { source } from "../generated/exact-worker.ts";
import type { EmbeddingBlock, Embeddings } from "../matrix.ts";
import { endOfThread, type ThreadReply } from "../workers/serve-requests.ts";
import { spawnWorker } from "../workers/spawn-worker.ts";
import type { FoundLists } from "./found-lists.ts";
import type { EngineName, SearchRequest } from "./messages.ts";
import type { SearchSettings } from "./search-settings.ts";

/** A thread that searches. Requests are answered in their order. */
export interface SearchThread {
  request(request: SearchRequest, transfer?: readonly ArrayBuffer[]): Promise<FoundLists | undefined>;
  /** Ends the thread; what it has not answered rejects. */
  close(reason: unknown): void;
}

interface Pending {
  readonly resolve: (value: FoundLists | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts a thread. It keeps the process alive only while it has something to answer. */
export async function startSearchThread(
  settings: SearchSettings,
  engine: EngineName,
  onnxruntime: string | undefined,
): Promise<SearchThread> {
  const pending: Pending[] = [];
  let failure: { readonly reason: unknown } | undefined;
  const fail = (reason: unknown): void => {
    failure ??= { reason };
    for (const { reject } of pending.splice(0)) reject(failure.reason);
  };
  const worker = await spawnWorker(source, {
    onMessage: (message) => {
      // What comes after the end is waited for by nobody.
      if (failure !== undefined) return;
      const { value, error } = message as ThreadReply;
      const { resolve, reject } = pending.shift()!;
      if (pending.length === 0) worker.keepAlive(false);
      if (error === undefined) resolve(value as FoundLists | undefined);
      else reject(error);
    },
    onError: fail,
  });
  const thread: SearchThread = {
    request: (request, transfer = []) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure.reason);
          return;
        }
        // First, since what cannot be sent throws, and no answer to it will come.
        worker.post(request, transfer);
        pending.push({ resolve, reject });
        worker.keepAlive(true);
      }),
    close: (reason) => {
      if (failure !== undefined) return;
      // A thread that is stopped within onnxruntime takes the process with it, so it ends after what it is asked.
      if (engine === "onnxruntime" && pending.length > 0) worker.post(endOfThread);
      else worker.terminate();
      fail(reason);
    },
  };
  try {
    await thread.request({ kind: "open", settings, engine, onnxruntime });
  } catch (error) {
    thread.close(error);
    throw error;
  }
  return thread;
}

/**
 * A block that a thread may be given: a copy that is moved to it or, where the numbers are in shared memory that stays
 * as it is, a view of them. The caller's arrays are never moved.
 */
export function sendable(
  block: EmbeddingBlock,
  mayShare: boolean,
): {
  readonly block: EmbeddingBlock;
  readonly transfer: ArrayBuffer[];
} {
  const { embeddings, firstRow } = block;
  if (mayShare && !(embeddings.data.buffer instanceof ArrayBuffer)) {
    return { block: { firstRow, embeddings: copyOf(embeddings, embeddings.data) }, transfer: [] };
  }
  const copy = copyOf(embeddings);
  return { block: { firstRow, embeddings: copy }, transfer: [copy.data.buffer as ArrayBuffer] };
}

/** The rows in arrays of their own, so that no more than they is sent; `data` may be in shared memory. */
export function copyOf(
  embeddings: Embeddings,
  data: Embeddings["data"] = embeddings.data.slice(),
): Embeddings {
  const { rows, columns } = embeddings;
  const copy = { data, rows, columns };
  return ("scales" in embeddings ? { ...copy, scales: embeddings.scales.slice() } : copy) as Embeddings;
}
