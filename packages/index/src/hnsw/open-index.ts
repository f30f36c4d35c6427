import { startSteps } from "../files/run-steps.ts";
import type { Embeddings, Neighbors } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requirePositiveInteger } from "../require.ts";
import { untilAborted } from "../until-aborted.ts";
import { createBestLists } from "./best-lists.ts";
import { copyIds, idsToAdd, requirePresentIds, requireShape, requireUsableRows } from "./check-rows.ts";
import { writeIndexFiles } from "./file.ts";
import { applyFilter, requireFilter } from "./filter.ts";
import type { FoundLists, GraphRequest } from "./graph-messages.ts";
import type { GraphThread } from "./graph-thread.ts";
import type { HnswAddOptions, HnswCompactOptions, HnswIndex, HnswSearchOptions } from "./hnsw-index.ts";
import type { IdTable } from "./id-table.ts";
import { requireRescore, rescoreInto } from "./rescore.ts";
import { runParts } from "./run-parts.ts";
import type { HnswSettings } from "./settings.ts";

/** The owner's side of an index: checks what callers give, and sends it to the graph's thread part by part. */
export function openIndex(thread: GraphThread, table: IdTable, settings: HnswSettings): HnswIndex {
  const { library, dimension, metric, dtype } = settings;
  let isOpen = true;
  let searchCount = 0;
  let lastChange: Promise<void> = Promise.resolve();

  const requireOpen = (caller: string): void => {
    if (isOpen) return;
    throw new RangeError(`${caller}: expected the index to be open, got one that was disposed of`);
  };
  /** Runs a change when those before it are done. */
  const takeTurn = (caller: string, signal: AbortSignal | undefined, change: () => Promise<void>) => {
    const turn = lastChange.then(() => {
      signal?.throwIfAborted();
      requireOpen(caller);
      return change();
    });
    lastChange = turn.catch(() => undefined);
    return untilAborted(signal, turn);
  };

  async function add(matrix: Embeddings, options: HnswAddOptions = {}): Promise<void> {
    const caller = "HnswIndex.add";
    const { signal } = options;
    requireOpen(caller);
    requireShape(caller, "matrix", matrix, dimension);
    const given = copyIds(caller, options.ids, matrix.rows);
    await takeTurn(caller, signal, async () => {
      await requireUsableRows(caller, "matrix", matrix, settings, signal);
      const ids = idsToAdd(caller, given, matrix.rows, table);
      const steps = startSteps(options, matrix.rows);
      await runParts(matrix.rows, dimension, signal, async (first, end) => {
        const part = ids.slice(first, end);
        const rows = readRows(matrix, first, end).data.slice();
        await thread.request({ kind: "add", ids: part, rows }, [rows.buffer]);
        table.insert(part);
        steps.advance(end - first);
      });
      steps.finish();
    });
  }

  async function search(queries: Embeddings, options: HnswSearchOptions): Promise<Neighbors> {
    const caller = "HnswIndex.search";
    const { k, ef = settings.ef, filter, rescore, signal } = options;
    requireOpen(caller);
    requireShape(caller, "queries", queries, dimension);
    requirePositiveInteger(caller, "k", k);
    requirePositiveInteger(caller, "ef", ef);
    if (filter !== undefined) requireFilter(caller, filter, table);
    if (rescore !== undefined) requireRescore(caller, rescore, dimension, table);
    return untilAborted(signal, runSearch(caller, queries, { ...options, ef }));
  }

  async function runSearch(
    caller: string,
    queries: Embeddings,
    options: HnswSearchOptions & { readonly ef: number },
  ): Promise<Neighbors> {
    const { k, ef, filter, rescore, signal } = options;
    await requireUsableRows(caller, "queries", queries, settings, signal);
    const allowed = filter && (await applyFilter(filter, table, signal));
    const depth = rescore === undefined ? k : Math.min(k * (rescore.factor ?? 4), Math.max(k, table.count));
    const lists = createBestLists(queries.rows, k);
    const steps = startSteps(options, queries.rows);
    const part = { search: searchCount++ };
    await thread.request({ kind: "beginSearch", ...part, k: depth, ef, bitmap: allowed?.bitmap });
    try {
      await runParts(queries.rows, dimension, signal, async (first, end) => {
        const block = readRows(queries, first, end);
        const data = block.data.slice();
        const request: GraphRequest = { kind: "search", ...part, queries: data };
        const found = (await thread.request(request, [data.buffer])) as FoundLists;
        if (rescore === undefined) {
          lists.ids.set(found.ids, first * k);
          lists.scores.set(found.scores, first * k);
        } else {
          const { vectors } = rescore;
          const rescoring = { caller, metric, vectors, table, allowed, signal };
          await rescoreInto(lists, rescoring, block, found, depth, first);
        }
        steps.advance(end - first);
      });
    } finally {
      await thread.request({ kind: "endSearch", ...part }).catch(() => undefined);
    }
    steps.finish();
    return { ids: lists.ids, scores: lists.scores, rows: queries.rows, k };
  }

  async function compact(options: HnswCompactOptions = {}): Promise<void> {
    const caller = "HnswIndex.compact";
    const { vectors, signal } = options;
    requireOpen(caller);
    if (vectors !== undefined) requireShape(caller, "vectors", vectors, dimension);
    if (vectors === undefined && library === "usearch") {
      throw new RangeError(
        `${caller}: expected \`vectors\` with usearch, which does not give rows back, got none`,
      );
    }
    await takeTurn(caller, signal, async () => {
      if (vectors !== undefined) await requireVectors(caller, vectors, signal);
      const ids = table.ids();
      const steps = startSteps(options, ids.length);
      await thread.request({ kind: "beginRebuild" });
      let keep = false;
      try {
        await runParts(ids.length, dimension, signal, async (first, end) => {
          const part = ids.slice(first, end);
          const rows = vectors && gatherRows(vectors, part);
          await thread.request({ kind: "rebuild", ids: part, rows }, rows && [rows.buffer]);
          steps.advance(end - first);
        });
        keep = true;
      } finally {
        await thread.request({ kind: "endRebuild", keep });
      }
      steps.finish();
    });
  }

  async function requireVectors(
    caller: string,
    vectors: Embeddings,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (vectors.rows < table.end) {
      throw new RangeError(
        `${caller}: expected \`vectors\` to have a row for each of ${table.end} ids, got ${vectors.rows}`,
      );
    }
    await requireUsableRows(caller, "vectors", vectors, settings, signal, table.presentRanges());
  }

  let closed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    isOpen = false;
    closed ??= thread.close();
    await closed;
  };
  return {
    library,
    dimension,
    metric,
    dtype,
    get rows(): number {
      return table.count;
    },
    add,
    search,
    compact,
    remove: async (ids) => {
      const caller = "HnswIndex.remove";
      requireOpen(caller);
      const removed = copyIds(caller, ids, undefined)!;
      await takeTurn(caller, undefined, async () => {
        requirePresentIds(caller, removed, table);
        await thread.request({ kind: "remove", ids: removed });
        table.remove(removed);
      });
    },
    save: async (path) => {
      requireOpen("HnswIndex.save");
      await takeTurn("HnswIndex.save", undefined, () => {
        const index = { settings, rows: table.count, end: table.end, removed: table.removedRanges() };
        return writeIndexFiles(path, index, async (graphPath) => {
          await thread.request({ kind: "save", path: graphPath });
        });
      });
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function gatherRows(vectors: Embeddings, ids: Int32Array): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(ids.length * vectors.columns);
  for (const [row, id] of ids.entries()) {
    rows.set(readRows(vectors, id, id + 1).data, row * vectors.columns);
  }
  return rows;
}
