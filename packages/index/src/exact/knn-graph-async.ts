import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingBlock, EmbeddingSource, Embeddings, Neighbors } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { requireEmbeddings } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { graphBlockRowsOf } from "./block-size.ts";
import { chooseEngine, countCores } from "./choose-engine.ts";
import { mergeFound, runCrew, startCrew } from "./crew.ts";
import { blockPairs } from "./knn-graph.ts";
import { requireMemory } from "./memory.ts";
import { type KnnGraphAsyncOptions, requireSearchOptions, requireThreadOptions } from "./search-options.ts";
import { sendable } from "./search-threads.ts";

/**
 * {@link knnGraph} in threads of its own, over rows in memory or not: the same lists, bit for bit.
 *
 * Each of `T` threads keeps a list of every row, and blocks of 15 MiB: `T (8 k N + 20 N + 100 MiB) + 8 k N (T + 1)`
 * bytes for `N` rows beside the argument. A source of `D` columns is read about `N D / 4 Mi` times; rows in a
 * `SharedArrayBuffer` are read in place.
 *
 * @param embeddings - The rows, in memory or as a source of blocks, which is asked for any range, in any order.
 * @returns One list per row; a row is not its own neighbor, but rows equal to it are.
 * @throws RangeError as {@link knnGraph} does, and if the `engine` asked for is not there; the signal's reason if it is
 * aborted; and what the source fails with. `onProgress` counts pairs of blocks.
 *
 * @example
 * ```ts
 * import { knnGraphAsync } from "@lmk/index";
 *
 * const rows = { data: Float32Array.of(1, 2, 4, 8), rows: 4, columns: 1 };
 * const graph = await knnGraphAsync(rows, { k: 1, metric: "l2" });
 * console.log([...graph.ids]); // => [ 1, 0, 1, 2 ]
 * ```
 */
export async function knnGraphAsync(
  embeddings: Embeddings | EmbeddingSource,
  options: KnnGraphAsyncOptions,
): Promise<Neighbors> {
  const { k, metric = "dot", memoryLimit, engine: askedEngine, signal } = options;
  const caller = "knnGraphAsync";
  const source = sourceOf(caller, "embeddings", embeddings);
  requireSearchOptions(caller, options);
  requireThreadOptions(caller, options);
  const { rows, columns } = source;
  const blockRows = graphBlockRowsOf(columns);
  const blocks = Math.ceil(rows / blockRows);
  const pairs = (blocks * (blocks + 1)) / 2;
  const cores = options.threads ?? (await countCores());
  const threads = Math.max(1, Math.min(cores, pairs));
  const queries = Math.min(rows, blockRows);
  requireMemory(caller, memoryLimit, { lists: rows, queries, columns, k, blockRows, threads });
  const steps = startSteps(options, pairs);

  const engine = await chooseEngine(caller, askedEngine, rows * rows * columns);
  const start = () => startCrew({ caller, rowsCaller: caller, metric, columns }, threads, engine);
  return runCrew(signal, start, async (crew) => {
    await crew.requestAll({ kind: "begin-graph", rows, k, floors: crew.shareFloors(rows) });
    const read = (block: number): ReturnType<typeof readBlock> =>
      readBlock(caller, source, block * blockRows, blockRows, !("blocks" in embeddings));
    // One generator for all threads: each takes the pair that comes next.
    const untaken = blockPairs(blocks);
    await Promise.all(
      crew.threads.map(async (thread) => {
        for (const [i, j] of untaken) {
          const first = await read(i);
          const second = i === j ? undefined : await read(j);
          const transfer = [...first.transfer, ...(second?.transfer ?? [])];
          await thread.request({ kind: "pair", first: first.block, second: second?.block }, transfer);
          steps.advance(1);
        }
      }),
    );
    const found = await mergeFound(await crew.requestAll({ kind: "finish" }), rows, k);
    steps.finish();
    return found;
  });
}

/** Rows as one block, also where the source gives them in several, as joined sources do at their seams. */
async function readBlock(
  caller: string,
  source: EmbeddingSource,
  first: number,
  blockRows: number,
  mayShare: boolean,
): Promise<{ readonly block: EmbeddingBlock; readonly transfer: ArrayBuffer[] }> {
  const end = Math.min(first + blockRows, source.rows);
  const { columns } = source;
  let data: Float32Array | undefined;
  let next = first;
  for await (const block of source.blocks({ first, end, blockRows })) {
    const { embeddings, firstRow } = block;
    const blockEnd = firstRow + embeddings.rows;
    if (firstRow !== next || blockEnd > end || embeddings.columns !== columns) {
      throw new RangeError(
        `${caller}: expected \`embeddings\` to give rows ${next} to ${end} with ${columns} columns, got rows ${firstRow} to ${blockEnd} with ${embeddings.columns}`,
      );
    }
    requireEmbeddings(caller, "embeddings", embeddings);
    if (embeddings.rows === end - first) return sendable(block, mayShare);
    data ??= new Float32Array((end - first) * columns);
    data.set(toFloat32(embeddings).data, (next - first) * columns);
    next = blockEnd;
  }
  if (data !== undefined && next === end) {
    const block = { firstRow: first, embeddings: { data, rows: end - first, columns } };
    return { block, transfer: [data.buffer as ArrayBuffer] };
  }
  throw new RangeError(
    `${caller}: expected \`embeddings\` to give rows ${first} to ${end}, got ${next - first} of them`,
  );
}
