import type { Neighbors } from "../matrix.ts";
import { mergeLists } from "../merge-neighbors.ts";
import { untilAborted } from "../until-aborted.ts";
import type { ChosenEngine } from "./choose-engine.ts";
import type { FoundLists } from "./found-lists.ts";
import type { SearchRequest } from "./messages.ts";
import type { SearchSettings } from "./search-settings.ts";
import { type SearchThread, startSearchThread } from "./search-threads.ts";

/** Threads that search together. */
export interface Crew {
  readonly threads: readonly SearchThread[];
  /** Room in which threads tell one another how good the lists are already; undefined if there is but one. */
  shareFloors(lists: number): Float32Array | undefined;
  /** Asks all threads for the same. */
  requestAll(request: SearchRequest): Promise<(FoundLists | undefined)[]>;
  /** Ends all threads. */
  close(reason: unknown): void;
}

/** Starts threads; where onnxruntime does not load and was not asked for, they multiply with WASM. */
export async function startCrew(
  settings: SearchSettings,
  count: number,
  engine: ChosenEngine,
): Promise<Crew> {
  const start = (): Promise<SearchThread> => startSearchThread(settings, engine.name, engine.onnxruntime);
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  const threads = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = (reason: unknown): void => {
    for (const thread of threads) thread.close(reason);
  };
  const failed = started.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    close(failed.reason);
    if (engine.name !== "onnxruntime" || !engine.isReplaceable) throw failed.reason;
    return startCrew(settings, count, { name: "wasm", onnxruntime: undefined, isReplaceable: false });
  }
  return {
    threads,
    shareFloors: (lists) => {
      if (threads.length === 1 || typeof SharedArrayBuffer === "undefined") return undefined;
      return new Float32Array(new SharedArrayBuffer(4 * lists)).fill(-Infinity);
    },
    requestAll: (request) => Promise.all(threads.map((thread) => thread.request(request))),
    close,
  };
}

/**
 * Starts a crew and lets it work until the work is done, fails, or the signal is aborted: then the work, and all that
 * waits for it, rejects with the signal's reason. The crew ends unless `stays` and the work went well.
 */
export async function runCrew<T>(
  signal: AbortSignal | undefined,
  start: () => Promise<Crew>,
  work: (crew: Crew) => Promise<T>,
  stays: boolean = false,
): Promise<T> {
  signal?.throwIfAborted();
  let ending: { readonly reason: unknown } | undefined;
  let crew: Crew | undefined;
  const end = (reason: unknown): void => {
    ending ??= { reason };
    crew?.close(ending.reason);
  };
  const run = async (): Promise<T> => {
    crew = await start();
    if (ending !== undefined) {
      crew.close(ending.reason);
      throw ending.reason;
    }
    return work(crew);
  };
  try {
    const result = await untilAborted(signal, run());
    if (!stays) end(new TypeError("exact search: expected a search under way, got one that has ended"));
    return result;
  } catch (error) {
    end(error);
    throw error;
  }
}

/** Lists merged at a time, between which others get their turn. */
const mergedNumbers = 1 << 18;

/** One list of each query from those that the threads found. */
export async function mergeFound(
  parts: readonly (FoundLists | undefined)[],
  rows: number,
  k: number,
): Promise<Neighbors> {
  const found = parts.map((part) => ({ ...part!, rows, k }));
  const [first] = found;
  if (found.length === 1) return first!;
  const offsets = found.map(() => 0);
  const step = Math.max(1, Math.floor(mergedNumbers / (k * found.length)));
  for (let row = 0; row < rows; row += step) {
    const end = Math.min(row + step, rows);
    const views = found.map(({ ids, scores }) => ({
      ids: ids.subarray(row * k, end * k),
      scores: scores.subarray(row * k, end * k),
      rows: end - row,
      k,
    }));
    const merged = mergeLists(views, end - row, k, offsets);
    first!.ids.set(merged.ids, row * k);
    first!.scores.set(merged.scores, row * k);
    if (end < rows) await takeTurns();
  }
  return first!;
}

/** Lets timers and events have their turn. */
export function takeTurns(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
