/** For each row of a shortlist what it is refined to: an average of rows of the shortlist. */
export interface RefinedRows {
  /** Rows that go into each average. */
  readonly width: number;
  /** Their places in the shortlist, `width` per row. */
  readonly places: Int32Array;
  /** Their weights, which add up to 1. */
  readonly weights: Float64Array;
}

/** Weights that add up to less cancel each other out. */
const leastSum = 1e-9;

/** Averages over the `width` rows of largest product, of equal ones the first in the shortlist. */
export function refineRows(products: Float32Array, count: number, width: number, beta: number): RefinedRows {
  const places = new Int32Array(count * width);
  const weights = new Float64Array(count * width);
  for (let row = 0; row < count; row++) {
    const start = row * width;
    writeLargest(products, row * count, count, width, places, start);
    let sum = 1;
    weights[start] = 1;
    for (let i = 1; i < width; i++) {
      weights[start + i] = beta * products[row * count + places[start + i]!]!;
      sum += weights[start + i]!;
    }
    if (Math.abs(sum) < leastSum) weights.fill(0, start + 1, start + width);
    else for (let i = 0; i < width; i++) weights[start + i]! /= sum;
  }
  return { width, places, weights };
}

/** Writes the places of the `width` largest of `count` values, the largest first. */
export function writeLargest(
  values: Float32Array | Float64Array,
  from: number,
  count: number,
  width: number,
  places: Int32Array,
  start: number,
): void {
  let held = 0;
  let least = -Infinity;
  for (let place = 0; place < count; place++) {
    const value = values[from + place]!;
    if (held === width && value <= least) continue;
    let at = held < width ? held++ : width - 1;
    while (at > 0 && values[from + places[start + at - 1]!]! < value) {
      places[start + at] = places[start + at - 1]!;
      at -= 1;
    }
    places[start + at] = place;
    least = values[from + places[start + held - 1]!]!;
  }
}

/** Products of a vector with the refined rows, from those with the rows themselves. */
export function refinedProducts(
  { width, weights, places }: RefinedRows,
  products: Float64Array,
): Float64Array {
  const refined = new Float64Array(weights.length / width);
  for (let row = 0; row < refined.length; row++) {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += weights[i]! * products[places[i]!]!;
    refined[row] = sum;
  }
  return refined;
}

/** Writes one refined row. */
export function writeRefined(
  { width, weights, places }: RefinedRows,
  row: number,
  data: Float32Array,
  columns: number,
  target: Float64Array,
): void {
  target.fill(0);
  for (let i = row * width; i < (row + 1) * width; i++) {
    const weight = weights[i]!;
    const start = places[i]! * columns;
    for (let column = 0; column < columns; column++) target[column]! += weight * data[start + column]!;
  }
}
