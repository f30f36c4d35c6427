import type { Embeddings, Matrix } from "./matrix.ts";
import { toFloat32 } from "./precision.ts";
import { requireFiniteRows } from "./require.ts";
import { viewRows } from "./sources.ts";
import { rowsPerStep, type Steps } from "./steps.ts";

/** Rows `first` to `end` as float32: a view where they are float32 already. */
export function readRows(embeddings: Embeddings, first: number, end: number): Matrix {
  return toFloat32(viewRows(embeddings, first, end));
}

/** Refuses rows that hold NaN or an infinity. */
export function* requireFiniteEmbeddings(
  caller: string,
  argument: string,
  embeddings: Embeddings,
): Steps<void> {
  const { data, rows, columns } = embeddings;
  if (data instanceof Int8Array) return;
  const stepRows = rowsPerStep(columns);
  for (let first = 0; first < rows; first += stepRows) {
    const block = readRows(embeddings, first, Math.min(rows, first + stepRows));
    requireFiniteRows(caller, argument, block, false, first);
    yield 0;
  }
}

/** At most `count` rows, chosen by chance, in the order they come in. */
export function* sampleRows(embeddings: Embeddings, count: number, random: () => number): Steps<Matrix> {
  const { rows, columns } = embeddings;
  if (rows <= count) return readRows(embeddings, 0, rows);
  const data = new Float32Array(count * columns);
  const stepRows = rowsPerStep(columns);
  let taken = 0;
  for (let row = 0; taken < count; row++) {
    if (random() * (rows - row) < count - taken) {
      data.set(readRows(embeddings, row, row + 1).data, taken * columns);
      taken++;
    }
    if (row % stepRows === stepRows - 1) yield 0;
  }
  return { data, rows: count, columns };
}
