// The sets of a row reach beyond its list: two rows that share neighbors may list one another in neither direction.
import { joinNumbers } from "../join-numbers.ts";
import type { Matrix } from "../matrix.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask } from "../threads/method.ts";

interface PairProductsInput {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly data: Float32Array;
  readonly columns: number;
}

/** Inner products of pairs of rows in double precision, rounded to single precision as scores of a search are. */
export const pairProductsTask: RowTask<PairProductsInput, Float64Array> = {
  name: "compute missing similarities",
  run: ({ left, right, data, columns }, first, end) => {
    const products = new Float64Array(end - first);
    const whole = columns - (columns % 4);
    for (let pair = first; pair < end; pair++) {
      const a = left[pair] * columns;
      const b = right[pair] * columns;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let i = 0; i < whole; i += 4) {
        s0 += data[a + i] * data[b + i];
        s1 += data[a + i + 1] * data[b + i + 1];
        s2 += data[a + i + 2] * data[b + i + 2];
        s3 += data[a + i + 3] * data[b + i + 3];
      }
      for (let i = whole; i < columns; i++) s0 += data[a + i] * data[b + i];
      products[pair - first] = Math.fround(s0 + s1 + (s2 + s3));
    }
    return products;
  },
};

/** Products of rows of length 1 within the tolerance that other functions have for it. */
const largestProduct = 1.001;

/** Fills in the similarities that are NaN in `sets`, from the rows of the pool. */
export function* completeSimilarities(
  caller: string,
  sets: SparseRows,
  embeddings: Matrix | undefined,
): Method<SparseRows> {
  const { starts, columns, values } = sets;
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) count++;
  if (count === 0) return sets;
  const left = new Int32Array(count);
  const right = new Int32Array(count);
  let pair = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let i = starts[row]; i < starts[row + 1]; i++) {
      if (!Number.isNaN(values[i])) continue;
      left[pair] = row;
      right[pair++] = columns[i];
    }
  }
  if (embeddings === undefined) {
    throw new RangeError(
      `${caller}: expected \`graph\` to list rows ${left[0]} and ${right[0]} for one another, got neither (${count} such pairs); give \`embeddings\` or longer lists`,
    );
  }
  const input = gatherRows(left, right, embeddings);
  const products = joinNumbers(yield* overRows(pairProductsTask, input, count));
  const completed = values.slice();
  for (let i = 0, next = 0; i < completed.length; i++) {
    if (!Number.isNaN(completed[i])) continue;
    if (!(Math.abs(products[next]) <= largestProduct)) {
      throw new RangeError(
        `${caller}: expected \`embeddings\` to have rows of length 1, got ${products[next]} as inner product of rows ${left[next]} and ${right[next]}`,
      );
    }
    completed[i] = products[next++];
  }
  return { starts, columns, values: completed };
}

/** Only the rows that are read where these are few: threads are sent copies. */
function gatherRows(left: Int32Array, right: Int32Array, { data, rows, columns }: Matrix): PairProductsInput {
  const places = new Int32Array(rows).fill(-1);
  let used = 0;
  for (let pair = 0; pair < left.length; pair++) {
    if (places[left[pair]] < 0) places[left[pair]] = used++;
    if (places[right[pair]] < 0) places[right[pair]] = used++;
  }
  if (2 * used > rows) return { left, right, data, columns };
  const gathered = new Float32Array(used * columns);
  for (let row = 0; row < rows; row++) {
    if (places[row] < 0) continue;
    gathered.set(data.subarray(row * columns, (row + 1) * columns), places[row] * columns);
  }
  return {
    left: left.map((row) => places[row]),
    right: right.map((row) => places[row]),
    data: gathered,
    columns,
  };
}
