import type { Embeddings, Matrix } from "../matrix.ts";
import { halfToFloat, toFloat32 } from "../precision.ts";
import { requireFiniteRows } from "../require.ts";

/** Rows `first` to `end` as float32: a view where they are float32 already. */
export function readRows(embeddings: Embeddings, first: number, end: number): Matrix {
  const { columns, data } = embeddings;
  const rows = end - first;
  const start = first * columns;
  const stop = end * columns;
  if (data instanceof Float32Array) return { data: data.subarray(start, stop), rows, columns };
  if (data instanceof Uint16Array) {
    return toFloat32({ data: data.subarray(start, stop), rows, columns });
  }
  const scales = "scales" in embeddings ? embeddings.scales.subarray(first, end) : new Float32Array(rows);
  return toFloat32({ data: data.subarray(start, stop), rows, columns, scales });
}

/** Refuses rows that hold NaN or an infinity. */
export function requireFiniteEmbeddings(caller: string, argument: string, embeddings: Embeddings): void {
  const { data, rows, columns } = embeddings;
  if (data instanceof Float32Array) {
    requireFiniteRows(caller, argument, { data, rows, columns }, false);
  } else if (data instanceof Uint16Array) {
    const at = data.findIndex((half) => (half & 0x7c00) === 0x7c00);
    if (at < 0) return;
    const row = Math.floor(at / columns);
    throw new RangeError(
      `${caller}: expected row ${row} of \`${argument}\` to hold finite numbers, got ${halfToFloat(data[at]!)} in column ${at % columns}`,
    );
  }
}

/** At most `count` rows, chosen by chance, in the order they come in. */
export function sampleRows(embeddings: Embeddings, count: number, random: () => number): Matrix {
  const { rows, columns } = embeddings;
  if (rows <= count) return readRows(embeddings, 0, rows);
  const data = new Float32Array(count * columns);
  let taken = 0;
  for (let row = 0; taken < count; row++) {
    if (random() * (rows - row) < count - taken) {
      data.set(readRows(embeddings, row, row + 1).data, taken * columns);
      taken++;
    }
  }
  return { data, rows: count, columns };
}
