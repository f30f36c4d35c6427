import type { Embeddings, Matrix } from "./matrix.ts";
import { readRows } from "./read-rows.ts";
import { requireEmbeddings, requireFiniteRows } from "./require.ts";

/** Rows that are made float32 at a time. */
const blockRows = 1024;

/** One model's share of an ensemble. */
export interface EmbeddingPart {
  /** The model's embeddings in float32, float16 or int8, one image per row, in the same order as the other parts. */
  readonly matrix: Embeddings;
  /**
   * What the model's unit-length embeddings are multiplied with, above 0. It counts squared in the similarity.
   *
   * @defaultValue 1
   */
  readonly weight?: number;
}

/**
 * Joins the embeddings of several models into one: each model's rows scaled to length 1, multiplied with the
 * model's weight, set side by side, and the whole scaled to length 1 again.
 *
 * The similarity of two joined rows is then the mean of the models' cosines, weighted by their squared weights:
 *
 * ```text
 * cos(a, b) = sum_m w_m² cos_m(a, b) / sum_m w_m²
 * ```
 *
 * @param parts - One or more models, with equally many rows.
 * @returns A new matrix with the sum of the parts' columns; every row has length 1.
 * @throws RangeError if there is no part, rows differ in number, a weight is not above 0, or a row is all zeros or
 * holds NaN or an infinity; the message names part and row.
 *
 * @example
 * ```ts
 * import { concatenateEmbeddings } from "@lmk/index";
 *
 * const joined = concatenateEmbeddings([
 *   { matrix: { data: Float32Array.of(5, 0), rows: 1, columns: 2 }, weight: 0.75 },
 *   { matrix: { data: Float32Array.of(2), rows: 1, columns: 1 } },
 * ]);
 * console.log(joined.columns, joined.data); // => 3 Float32Array(3) [ 0.6000000238418579, 0, 0.800000011920929 ]
 * ```
 */
export function concatenateEmbeddings(parts: readonly EmbeddingPart[]): Matrix {
  const [head] = parts;
  if (head === undefined) {
    throw new RangeError("concatenateEmbeddings: expected `parts` to hold at least one part, got none");
  }
  const { rows } = head.matrix;
  let columns = 0;
  let largest = 0;
  for (const [i, { matrix, weight = 1 }] of parts.entries()) {
    requireEmbeddings("concatenateEmbeddings", `parts[${i}].matrix`, matrix);
    if (matrix.rows !== rows) {
      throw new RangeError(
        `concatenateEmbeddings: expected \`parts[${i}].matrix\` to have ${rows} rows like \`parts[0].matrix\`, got ${matrix.rows}`,
      );
    }
    if (!(weight > 0) || weight === Infinity) {
      throw new RangeError(
        `concatenateEmbeddings: expected \`parts[${i}].weight\` to be a finite number above 0, got ${weight}`,
      );
    }
    columns += matrix.columns;
    largest = Math.max(largest, weight);
  }

  // Unit rows times their weights have length sqrt(sum w²) together, so one factor scales twice. As parts of the
  // largest, no weight is squared to an infinity, nor all of them to 0.
  const shares = parts.map(({ weight = 1 }) => weight / largest);
  const whole = Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0));
  const data = new Float32Array(rows * columns);
  let offset = 0;
  for (const [i, { matrix }] of parts.entries()) {
    for (let first = 0; first < rows; first += blockRows) {
      const block = readRows(matrix, first, Math.min(first + blockRows, rows));
      addPart(data.subarray(first * columns), columns, offset, block, i, first, shares[i]! / whole);
    }
    offset += matrix.columns;
  }
  return { data, rows, columns };
}

/** Puts rows, scaled to length `factor`, beside one another in rows of `stride` numbers. */
function addPart(
  target: Float32Array,
  stride: number,
  offset: number,
  block: Matrix,
  part: number,
  firstRow: number,
  factor: number,
): void {
  const { data, rows, columns } = block;
  const squares = requireFiniteRows("concatenateEmbeddings", `parts[${part}].matrix`, block, true, firstRow);
  for (let row = 0; row < rows; row++) {
    const scale = factor / Math.sqrt(squares[row]!);
    const from = row * columns;
    const to = row * stride + offset;
    for (let i = 0; i < columns; i++) target[to + i] = data[from + i]! * scale;
  }
}
