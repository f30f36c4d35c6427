import type { Matrix, Neighbors } from "@lmk/index";

/** Finds the true neighbors by inner products in float64, by code that shares nothing with the package. */
export interface Truth {
  /** Takes the next rows of the database. */
  add(block: Matrix): void;
  /** For each query its `k` best rows, best first. */
  ids(): Int32Array;
}

/** Queries whose products with a row are computed together. */
const together = 4;

/**
 * Begins to search for the neighbors of some queries.
 *
 * @param own - The row that each query is itself and shall not find.
 */
export function createTruth(queries: Matrix, k: number, own?: ArrayLike<number>): Truth {
  const { rows, columns } = queries;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float64Array(rows * k).fill(-Infinity);
  const padded = new Float64Array(Math.ceil(rows / together) * together * columns);
  padded.set(queries.data);
  let firstRow = 0;

  function offer(query: number, id: number, score: number): void {
    const first = query * k;
    let place = first + k - 1;
    if (score <= scores[place]! || own?.[query] === id) return;
    // Rows come in order of their ids: a later one stands behind those of the same score.
    for (; place > first && score > scores[place - 1]!; place--) {
      scores[place] = scores[place - 1]!;
      ids[place] = ids[place - 1]!;
    }
    scores[place] = score;
    ids[place] = id;
  }

  return {
    add: (block) => {
      const products = new Float64Array(together);
      for (let query = 0; query < rows; query += together) {
        for (let row = 0; row < block.rows; row++) {
          multiply(padded, query * columns, block.data, row * columns, columns, products);
          for (let i = 0; i < together && query + i < rows; i++)
            offer(query + i, firstRow + row, products[i]!);
        }
      }
      firstRow += block.rows;
    },
    ids: () => ids,
  };
}

/** The products of four rows that follow one another with one row. */
function multiply(
  queries: Float64Array,
  queryOffset: number,
  data: Float32Array,
  offset: number,
  columns: number,
  products: Float64Array,
): void {
  const second = queryOffset + columns;
  const third = second + columns;
  const fourth = third + columns;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let j = 0; j < columns; j++) {
    const value = data[offset + j]!;
    a += queries[queryOffset + j]! * value;
    b += queries[second + j]! * value;
    c += queries[third + j]! * value;
    d += queries[fourth + j]! * value;
  }
  products[0] = a;
  products[1] = b;
  products[2] = c;
  products[3] = d;
}

/** The share of true neighbors that were found, of the first `truth.length / k` queries. */
export function recallOf(ids: ArrayLike<number>, truth: Int32Array, k: number): number {
  let found = 0;
  for (let first = 0; first < truth.length; first += k) {
    const expected = new Set(truth.subarray(first, first + k));
    for (let place = first; place < first + k; place++) if (expected.delete(ids[place]!)) found++;
  }
  return found / truth.length;
}

/** Whether ids and scores are the same to the last bit. */
export function sameBits(a: Neighbors, b: Neighbors): boolean {
  return sameBytes(a.ids, b.ids) && sameBytes(a.scores, b.scores);
}

function sameBytes(a: Int32Array | Float32Array, b: Int32Array | Float32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}
