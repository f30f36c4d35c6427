import type { Embeddings, Matrix } from "../matrix.ts";
import { toFloat32, toHalf, toInt8 } from "../precision.ts";

/** How the numbers of embeddings are stored: as a `Matrix`, a `HalfMatrix` or an `Int8Matrix`. */
export type EmbeddingDtype = "float32" | "float16" | "int8";

/** How the numbers of embeddings are stored in memory. */
export function numbersOf(embeddings: Embeddings): EmbeddingDtype {
  if (embeddings.data instanceof Float32Array) return "float32";
  return embeddings.data instanceof Uint16Array ? "float16" : "int8";
}

/** Refuses what is not a precision of floats. */
export function requireFloatDtype(caller: string, dtype: "float16" | "float32"): void {
  if (dtype !== "float16" && dtype !== "float32") {
    throw new RangeError(
      `${caller}: expected \`dtype\` to be "float16" or "float32", got ${JSON.stringify(dtype)}`,
    );
  }
}

/** Which rows are converted, and what is refused. */
export interface ConvertRows {
  readonly caller: string;
  readonly dtype: EmbeddingDtype;
  /** The number of the first row, for errors. */
  readonly firstRow: number;
  /** Whether rows that need no conversion are checked for NaN and infinities too. */
  readonly finite: boolean;
}

/** Rows in another precision; the same object where they have it. Errors name the row. */
export function convertRows(embeddings: Embeddings, options: ConvertRows): Embeddings {
  const { dtype, finite } = options;
  const kept = numbersOf(embeddings) === dtype;
  if (kept && (!finite || dtype === "int8")) return embeddings;
  const matrix = toFloat32(embeddings);
  if (finite || dtype !== "float32") requireFinite(matrix, options);
  if (dtype === "float32") return matrix;
  if (dtype === "int8") return toInt8(matrix);
  requireHalfRange(matrix, options);
  return kept ? embeddings : toHalf(matrix);
}

function requireFinite(matrix: Matrix, { caller, firstRow }: ConvertRows): void {
  const { data, columns } = matrix;
  let sum = 0;
  // NaN and infinities times 0 are NaN, which no sum loses.
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0;
  if (sum === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  const row = Math.floor(at / columns);
  throw new RangeError(
    `${caller}: expected row ${firstRow + row} of \`embeddings\` to hold finite numbers, got ${data[at]} in column ${at - row * columns}`,
  );
}

/** From 65520 a number is nearer to 2^16, which float16 has not, than to 65504, its largest. */
function requireHalfRange({ data, columns }: Matrix, { caller, firstRow }: ConvertRows): void {
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i]!) < 65520) continue;
    const row = Math.floor(i / columns);
    throw new RangeError(
      `${caller}: expected row ${firstRow + row} of \`embeddings\` to hold numbers from -65504 to 65504 for float16, got ${data[i]} in column ${i - row * columns}`,
    );
  }
}
