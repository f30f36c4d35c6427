import type { Embeddings, Matrix } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import type { Steps } from "../steps.ts";
import { readNumbers } from "./read-numbers.ts";
import { addTileProduct, createTiles } from "./tiles.ts";

/** Rows that are multiplied at a time. */
const chunkRows = 128;

/** Sums over rows, in double precision, from which mean and covariance follow. */
export interface Moments {
  /** Adds the rows of a block that are picked; its first row has the number `firstRow` in the whole. */
  add(block: Embeddings, firstRow: number): Steps<void>;
  /** Adds `count` rows of doubles. */
  addNumbers(numbers: Float64Array, count: number): Steps<void>;
  /** Mean and sums of products once all rows are added. */
  finish(): Steps<{ readonly count: number; readonly mean: Float64Array; readonly products: Float64Array }>;
}

/** Options of {@link createMoments}. */
export interface MomentsInput {
  readonly caller: string;
  readonly argument: string;
  readonly columns: number;
  /** Told the rows in order; false leaves a row out. */
  readonly pick: () => boolean;
  /** Products are of differences from this; by default from the mean. */
  readonly center?: Float64Array;
}

/**
 * Sums `x - c` and the upper triangle of `(x - c)(x - c)'`, where `c` is the given center, or else the mean of the first
 * rows, near enough to the mean of all that moving the sums there loses nothing.
 */
export function createMoments({ caller, argument, columns, pick, center }: MomentsInput): Moments {
  const width = Math.ceil(columns / 4) * 4;
  const products = new Float64Array(width * width);
  const sums = new Float64Array(columns);
  const pending = new Float64Array(chunkRows * columns);
  const tiles = createTiles(columns, chunkRows);
  let shift = center;
  let waiting = 0;
  let count = 0;

  function* flush(): Steps<void> {
    shift ??= meanOf(pending, waiting, columns);
    count += waiting;
    tiles.data.fill(0);
    for (let row = 0; row < waiting; row++) {
      for (let i = 0; i < columns; i++) {
        const value = pending[row * columns + i]! - shift[i]!;
        sums[i]! += value;
        tiles.data[((i >> 2) * chunkRows + row) * 4 + (i & 3)] = value;
      }
    }
    yield 0;
    for (let i = 0; i < tiles.count; i++) {
      for (let j = i; j < tiles.count; j++) {
        addTileProduct(tiles, i, tiles, j, products, i * 4 * width + j * 4, width);
      }
      yield 0;
    }
    const added = waiting;
    waiting = 0;
    yield added;
  }

  return {
    *add(block, firstRow) {
      for (let first = 0; first < block.rows; first += chunkRows) {
        const end = Math.min(first + chunkRows, block.rows);
        const rows: Matrix = readRows(block, first, end);
        for (let row = 0; row < rows.rows; row++) {
          if (!pick()) continue;
          readNumbers(caller, argument, rows, row, firstRow + first, pending, waiting * columns);
          waiting++;
          if (waiting === chunkRows) yield* flush();
        }
        yield 0;
      }
    },
    *addNumbers(numbers, added) {
      for (let row = 0; row < added; row++) {
        pending.set(numbers.subarray(row * columns, (row + 1) * columns), waiting * columns);
        waiting++;
        if (waiting === chunkRows) yield* flush();
      }
    },
    *finish() {
      if (waiting > 0) yield* flush();
      const about = shift ?? new Float64Array(columns);
      const mean = Float64Array.from(sums, (sum, i) => about[i]! + sum / count);
      const square = new Float64Array(columns * columns);
      for (let i = 0; i < columns; i++) {
        // Moves the products from the shift to the mean.
        const move = center === undefined ? sums[i]! / count : 0;
        for (let j = i; j < columns; j++) {
          const value = products[i * width + j]! - move * sums[j]!;
          square[i * columns + j] = value;
          square[j * columns + i] = value;
        }
        if (i % 64 === 63) yield 0;
      }
      return { count, mean, products: square };
    },
  };
}

function meanOf(data: Float64Array, rows: number, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) mean[i % columns]! += data[i]! / rows;
  return mean;
}
