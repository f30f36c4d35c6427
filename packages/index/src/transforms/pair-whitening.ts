import type { Embeddings, RunOptions } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { createPacer, runSteps, type Steps } from "../steps.ts";
import { cholesky, solveLower, solveUpper } from "./cholesky.ts";
import { createMoments } from "./moments.ts";
import { requireShare } from "./pca.ts";
import { readNumbers } from "./read-numbers.ts";
import { momentsOf } from "./sample.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import type { LinearTransform } from "./transform.ts";

/** Pairs of rows that show the same thing: row `queries[i]` and row `positives[i]`. */
export interface RowPairs {
  readonly queries: Int32Array;
  readonly positives: Int32Array;
}

/** Options of {@link learnPairWhitening}. */
export interface PairWhiteningOptions {
  /**
   * Components kept, from 1 to the number of columns.
   *
   * @defaultValue all columns
   */
  readonly components?: number;
  /**
   * How far the covariance of the differences is drawn to a multiple of the identity, from 0 to 1; above 0 fewer pairs
   * than columns will do.
   *
   * @defaultValue 0
   */
  readonly shrinkage?: number;
}

/** Differences between the rows of pairs that are looked up at a time. */
const blockPairs = 128;

/**
 * Learns a whitening from pairs of rows that match: what differs within pairs is whitened, then the directions in which
 * all rows vary most come first ("learned whitening", Lw).
 *
 * ```text
 * S  = mean over pairs of (q - p)(q - p)',   S' = (1 - shrinkage) S + shrinkage * trace(S) / columns * I = L L'
 * m  = mean of the q
 * E  = eigenvectors of L^-1 (sum over all rows (x - m)(x - m)') L^-T, largest eigenvalue first
 * y  = E' L^-1 (x - m)
 * ```
 *
 * Rows are usually of length 1 and normalized again afterwards. The authors' code adds 1e-10 I, 1e-9 I, … until `L`
 * exists; here that is refused, and `shrinkage` is the way out.
 *
 * @param embeddings - All rows in memory.
 * @param pairs - Row numbers; a row may be in several pairs.
 * @throws RangeError if shapes do not fit, a row number is not one, a row holds NaN or an infinity, or the differences
 * do not vary in all directions and `shrinkage` is 0.
 *
 * @example
 * ```ts
 * import { learnPairWhitening } from "@lmk/index/transforms";
 *
 * const rows = { data: Float32Array.of(0, 0, 2, 0, 9, 1, 9, 3), rows: 4, columns: 2 };
 * const pairs = { queries: Int32Array.of(0, 2), positives: Int32Array.of(1, 3) };
 * const { matrix } = learnPairWhitening(rows, pairs, { components: 1 });
 * console.log(matrix.length, Math.hypot(...matrix).toFixed(4)); // => 2 0.7071
 * ```
 *
 * @see {@link https://arxiv.org/abs/1711.02512 | Radenović, Tolias & Chum 2018, section 3.3}
 * @see {@link https://doi.org/10.1109/ICCV.2007.4408871 | Mikolajczyk & Matas 2007}
 */
export function learnPairWhitening(
  embeddings: Embeddings,
  pairs: RowPairs,
  options: PairWhiteningOptions = {},
): LinearTransform {
  return runSteps(whitenPairs("learnPairWhitening", embeddings, pairs, options));
}

/**
 * As {@link learnPairWhitening}, without blocking the thread for more than some 50 ms.
 *
 * Progress counts pairs and rows read, columns reduced and components found.
 *
 * @throws RangeError as {@link learnPairWhitening}; the signal's reason where it ends the call.
 *
 * @example
 * ```ts
 * import { learnPairWhiteningAsync } from "@lmk/index/transforms";
 *
 * const rows = { data: Float32Array.of(0, 0, 2, 0, 9, 1, 9, 3), rows: 4, columns: 2 };
 * const pairs = { queries: Int32Array.of(0, 2), positives: Int32Array.of(1, 3) };
 * console.log((await learnPairWhiteningAsync(rows, pairs)).outputColumns); // => 2
 * ```
 */
export async function learnPairWhiteningAsync(
  embeddings: Embeddings,
  pairs: RowPairs,
  options: PairWhiteningOptions & RunOptions = {},
): Promise<LinearTransform> {
  const { rows, columns } = embeddings;
  const total = pairs.queries.length + rows + columns + (options.components ?? columns);
  const pacer = createPacer(options, total);
  const transform = await pacer.run(whitenPairs("learnPairWhiteningAsync", embeddings, pairs, options));
  pacer.finish();
  return transform;
}

function* whitenPairs(
  caller: string,
  embeddings: Embeddings,
  pairs: RowPairs,
  options: PairWhiteningOptions,
): Steps<LinearTransform> {
  requireEmbeddings(caller, "embeddings", embeddings);
  const { rows, columns } = embeddings;
  requirePairs(caller, pairs, rows);
  const { components = columns, shrinkage = 0 } = options;
  requirePositiveInteger(caller, "components", components);
  if (components > columns) {
    throw new RangeError(
      `${caller}: expected \`components\` to be at most the ${columns} columns, got ${components}`,
    );
  }
  requireShare(caller, "shrinkage", shrinkage);

  const { mean, within } = yield* pairCovariance(caller, embeddings, pairs, shrinkage);
  const factored = yield* cholesky(within, columns);
  if (factored < columns) {
    throw new RangeError(
      `${caller}: expected the differences of \`pairs\` to vary in all ${columns} directions, got ${factored} from ${pairs.queries.length} pairs; give more pairs or set \`shrinkage\``,
    );
  }
  const { products } = yield* momentsOf(embeddings, {
    caller,
    argument: "embeddings",
    columns,
    pick: () => true,
    center: mean,
  });
  // The products are symmetric: solving their rows, turning and solving again is L^-1 C L^-T.
  yield* solveLower(within, columns, products, columns);
  yield* transposeInPlace(products, columns);
  yield* solveLower(within, columns, products, columns);
  const { vectors: matrix } = yield* symmetricEigen(products, columns, components);
  yield* solveUpper(within, columns, matrix, components);

  const offset = new Float64Array(components);
  for (let row = 0; row < components; row++) {
    for (let i = 0; i < columns; i++) offset[row]! -= matrix[row * columns + i]! * mean[i]!;
    if (row % 64 === 63) yield 0;
  }
  return { kind: "linear", inputColumns: columns, outputColumns: components, matrix, offset };
}

function requirePairs(caller: string, { queries, positives }: RowPairs, rows: number): void {
  if (queries.length === 0) {
    throw new RangeError(`${caller}: expected \`pairs.queries\` to hold at least one row number, got none`);
  }
  if (positives.length !== queries.length) {
    throw new RangeError(
      `${caller}: expected \`pairs.positives\` to hold ${queries.length} row numbers like \`pairs.queries\`, got ${positives.length}`,
    );
  }
  for (const [name, ids] of Object.entries({ queries, positives })) {
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < rows));
    if (at !== -1) {
      throw new RangeError(
        `${caller}: expected \`pairs.${name}[${at}]\` to be a row number below ${rows}, got ${ids[at]}`,
      );
    }
  }
}

/** The mean of the queries, and the shrunk mean of the products of differences within pairs. */
function* pairCovariance(
  caller: string,
  embeddings: Embeddings,
  { queries, positives }: RowPairs,
  shrinkage: number,
): Steps<{ readonly mean: Float64Array; readonly within: Float64Array }> {
  const { columns } = embeddings;
  const moments = createMoments({
    caller,
    argument: "embeddings",
    columns,
    pick: () => true,
    center: new Float64Array(columns),
  });
  const sums = new Float64Array(columns);
  const query = new Float64Array(columns);
  const positive = new Float64Array(columns);
  for (let first = 0; first < queries.length; first += blockPairs) {
    const count = Math.min(blockPairs, queries.length - first);
    const differences = new Float64Array(count * columns);
    for (let i = 0; i < count; i++) {
      readRow(caller, embeddings, queries[first + i]!, query);
      readRow(caller, embeddings, positives[first + i]!, positive);
      for (let j = 0; j < columns; j++) {
        sums[j]! += query[j]!;
        differences[i * columns + j] = query[j]! - positive[j]!;
      }
    }
    yield* moments.addNumbers(differences, count);
  }
  const { products: within } = yield* moments.finish();
  const scale = (1 - shrinkage) / queries.length;
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += within[i * columns + i]! / queries.length;
  for (let i = 0; i < within.length; i++) within[i]! *= scale;
  for (let i = 0; i < columns; i++) within[i * columns + i]! += (shrinkage * trace) / columns;
  return { mean: sums.map((sum) => sum / queries.length), within };
}

function readRow(caller: string, embeddings: Embeddings, row: number, target: Float64Array): void {
  readNumbers(caller, "embeddings", readRows(embeddings, row, row + 1), 0, row, target, 0);
}

function* transposeInPlace(matrix: Float64Array, size: number): Steps<void> {
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const value = matrix[i * size + j]!;
      matrix[i * size + j] = matrix[j * size + i]!;
      matrix[j * size + i] = value;
    }
    if (i % 64 === 63) yield 0;
  }
}
