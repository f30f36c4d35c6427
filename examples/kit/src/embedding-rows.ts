import { join } from "node:path";
import {
  concatenateEmbeddings,
  type EmbeddingSource,
  joinSources,
  type Matrix,
  type Neighbors,
} from "@lmk/index";
import { openNpy, writeNpy } from "@lmk/index/npy";
import type { CompletedStage } from "./run-folder.ts";

/** Embeddings on disk, wherever they are: of usable rows of a split, or of what was made of them. */
export interface EmbeddingRows {
  readonly rows: number;
  /** What decides them, for the key of a stage that reads them. */
  readonly settings: unknown;
  readonly stages: readonly CompletedStage[];
  /** Opens them, to be closed again: at the full size of a data set they are larger than memory. */
  readonly open: () => Promise<OpenRows>;
}

/** {@link EmbeddingRows} that are open. */
export type OpenRows = EmbeddingSource & AsyncDisposable;

const embeddingsFile = "embeddings.npy";

/**
 * The rows of stages that wrote `embeddings.npy`, side by side, block by block from their files: each row brought to length
 * 1 and multiplied by its stage's weight, and the whole brought to length 1.
 */
export function weightedRows(
  stages: readonly CompletedStage[],
  weights: readonly number[],
  { rows, settings }: Pick<EmbeddingRows, "rows" | "settings">,
): EmbeddingRows {
  return { rows, settings, stages, open: () => openWeighted(stages, weights) };
}

/** Rows that a stage wrote, of whatever length, as `embeddings.npy`. */
export function rowsOfFile(stage: CompletedStage, rows: number): EmbeddingRows {
  return { rows, settings: null, stages: [stage], open: () => openNpy(join(stage.folder, embeddingsFile)) };
}

/** Writes what {@link rowsOfFile} reads. */
export function writeRows(folder: string, rows: Matrix): Promise<void> {
  return writeNpy(join(folder, embeddingsFile), rows);
}

async function openWeighted(
  stages: readonly CompletedStage[],
  weights: readonly number[],
): Promise<OpenRows> {
  const files = await Promise.all(stages.map(({ folder }) => openNpy(join(folder, embeddingsFile))));
  return {
    rows: files[0]!.rows,
    columns: files.reduce((sum, { columns }) => sum + columns, 0),
    async *blocks({ first, end, blockRows }) {
      for (let row = first; row < end; row += blockRows) {
        const range = { first: row, end: Math.min(row + blockRows, end) };
        const parts = await Promise.all(
          files.map(async (file, i) => ({ matrix: await file.read(range), weight: weights[i]! })),
        );
        yield { firstRow: row, embeddings: concatenateEmbeddings(parts) };
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

/** Rows from `first` to before `end`, all of them without a range. */
export async function readRows(
  { open, rows }: EmbeddingRows,
  { first, end }: { readonly first: number; readonly end: number } = { first: 0, end: rows },
): Promise<Matrix> {
  await using source = await open();
  const data = new Float32Array((end - first) * source.columns);
  for await (const { firstRow, embeddings } of source.blocks({ first, end, blockRows })) {
    data.set(embeddings.data, (firstRow - first) * source.columns);
  }
  return { data, rows: end - first, columns: source.columns };
}

/** Rows at which disk and memory are read at once. */
const blockRows = 4096;

/**
 * Some rows, whose numbers ascend.
 *
 * @throws {RangeError} if they do not, or there are no such rows.
 */
export async function takeRows({ open, rows }: EmbeddingRows, wanted: Int32Array): Promise<Matrix> {
  const wrong = wanted.find((row, i) => row >= rows || row < (wanted[i - 1] ?? 0));
  if (wrong !== undefined) {
    throw new RangeError(`takeRows: expected \`wanted\` to ascend from 0 to below ${rows}, got ${wrong}`);
  }
  await using source = await open();
  const { columns } = source;
  const data = new Float32Array(wanted.length * columns);
  let at = 0;
  for await (const { firstRow, embeddings } of source.blocks({ first: 0, end: rows, blockRows })) {
    while (at < wanted.length && wanted[at]! < firstRow + embeddings.rows) {
      const start = (wanted[at]! - firstRow) * columns;
      data.set(embeddings.data.subarray(start, start + columns), at * columns);
      at += 1;
    }
  }
  return { data, rows: wanted.length, columns };
}

/** The rows that lists name, and the lists with the numbers that these have there. */
export async function neededRows(
  rows: EmbeddingRows,
  lists: Neighbors,
): Promise<{ readonly database: Matrix; readonly lists: Neighbors }> {
  const isNamed = new Uint8Array(rows.rows);
  for (const id of lists.ids) if (id >= 0) isNamed[id] = 1;
  const ids = new Int32Array(isNamed.reduce((sum, one) => sum + one, 0));
  const places = new Int32Array(rows.rows).fill(-1);
  let at = 0;
  isNamed.forEach((named, id) => {
    if (named === 0) return;
    places[id] = at;
    ids[at++] = id;
  });
  const renumbered = lists.ids.map((id) => (id < 0 ? -1 : places[id]!));
  return { database: await takeRows(rows, ids), lists: { ...lists, ids: renumbered } };
}

/** The same rows with those of a stage in place of some, which are named in ascending order. */
export function replaceRows(base: EmbeddingRows, replaced: Int32Array, by: CompletedStage): EmbeddingRows {
  const open = async (): Promise<OpenRows> => {
    const source = await base.open();
    const others = await readRows(rowsOfFile(by, replaced.length));
    const { columns } = source;
    return {
      rows: base.rows,
      columns,
      async *blocks(range) {
        let at = 0;
        for await (const { firstRow, embeddings } of source.blocks(range)) {
          const data = Float32Array.from(embeddings.data);
          for (; at < replaced.length && replaced[at]! < firstRow + embeddings.rows; at++) {
            const place = replaced[at]! - firstRow;
            if (place < 0) continue;
            data.set(others.data.subarray(at * columns, (at + 1) * columns), place * columns);
          }
          yield { firstRow, embeddings: { data, rows: embeddings.rows, columns } };
        }
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  };
  return { rows: base.rows, settings: base.settings, stages: [...base.stages, by], open };
}

/** The rows of several, one after another. */
export function stackedRows(parts: readonly EmbeddingRows[]): EmbeddingRows {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    settings: parts.map(({ settings }) => settings),
    stages: parts.flatMap(({ stages }) => stages),
    async open() {
      const sources = await Promise.all(parts.map(({ open }) => open()));
      return {
        ...joinSources(sources),
        async [Symbol.asyncDispose]() {
          for (const source of sources) await source[Symbol.asyncDispose]();
        },
      };
    },
  };
}
