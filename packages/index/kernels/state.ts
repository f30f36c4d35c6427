// What a search is about. The caller lays out the memory and sets these before it compares.

/** Numbers per row, a multiple of 8: the caller fills rows up with zeros. */
export let columns: i32 = 0;
/** 0 inner product, 1 cosine, 2 squared distance. */
export let metric: i32 = 0;
/** Whether each pair of a query and a row is offered to the row's list too, as in a graph of one matrix. */
export let isSymmetric: bool = false;
/** The largest error of a float32 product, relative to the lengths of its factors. */
export let relativeError: f64 = 0;

/** A side of the comparison: queries or rows. All arrays are read up to a multiple of 12 rows. */
@unmanaged
export class Side {
  /** float32 numbers, row by row. */
  data: usize = 0;
  /** Squared length of each row, float64. */
  squares: usize = 0;
  /** What a product is multiplied with before it is compared with the other side's limit, float32. */
  factors: usize = 0;
  /** What is taken off it then, float32. */
  offsets: usize = 0;
  /** What `product * factor - offset` of the other side must exceed to be worth an exact score, float32. */
  limits: usize = 0;
  /** Rows in the arrays. */
  count: i32 = 0;
  /** The first row's id, and the number of its list. */
  first: i32 = 0;
  /** The largest length of a row. */
  longest: f64 = 0;
  /** The smallest. */
  shortest: f64 = 0;
}

export const queries: Side = new Side();
export const rows: Side = new Side();

/** The lists: `k` ids and scores each, as bounded heaps with the worst at the root. */
export let k: i32 = 0;
export let ids: usize = 0;
export let scores: usize = 0;
/** Entries of each list, int32. */
export let sizes: usize = 0;
/** For each list an id that must not enter it, int32; 0 where there are none. */
export let excluded: usize = 0;
/** For each list a score that its k best are known to reach elsewhere, float32, -Infinity if none is known. */
export let floors: usize = 0;

export function setSearch(newMetric: i32, newColumns: i32, symmetric: bool): void {
  metric = newMetric;
  columns = newColumns;
  isSymmetric = symmetric;
  relativeError = <f64>(newColumns + 16) * 1.01 * 5.9604644775390625e-8;
}

export function setLists(
  newK: i32,
  newIds: usize,
  newScores: usize,
  newSizes: usize,
  newExcluded: usize,
  newFloors: usize,
): void {
  k = newK;
  ids = newIds;
  scores = newScores;
  sizes = newSizes;
  excluded = newExcluded;
  floors = newFloors;
}

export function setQueries(data: usize, squares: usize, others: usize, count: i32, first: i32): void {
  setSide(queries, data, squares, others, count, first);
}

export function setRows(data: usize, squares: usize, others: usize, count: i32, first: i32): void {
  setSide(rows, data, squares, others, count, first);
}

/** Fills factors and offsets, which follow one another at `others` with the limits: 12 bytes a row. */
function setSide(side: Side, data: usize, squares: usize, others: usize, count: i32, first: i32): void {
  const padded = ((count + 11) / 12) * 12;
  side.data = data;
  side.squares = squares;
  side.factors = others;
  side.offsets = others + ((<usize>padded) << 2);
  side.limits = others + ((<usize>padded) << 3);
  side.count = count;
  side.first = first;
  let largest: f64 = 0;
  let smallest: f64 = f64.MAX_VALUE;
  for (let i = 0; i < padded; i++) {
    let factor: f32 = 1;
    let offset: f32 = 0;
    if (i < count) {
      const square = load<f64>(squares + ((<usize>i) << 3));
      largest = max(largest, square);
      smallest = min(smallest, square);
      if (metric == 1) factor = <f32>(1 / sqrt(square));
      if (metric == 2) offset = <f32>(0.5 * square);
    }
    store<f32>(side.factors + ((<usize>i) << 2), factor);
    store<f32>(side.offsets + ((<usize>i) << 2), offset);
  }
  side.longest = sqrt(largest);
  side.shortest = sqrt(smallest);
}
