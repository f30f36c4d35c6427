import * as tf from "@tensorflow/tfjs-core";

/** Rows and columns of an attention window. */
export const windowSize = 7;

/** A map of features that attention cuts into windows, moved up and left by `shift` places before. */
export interface Grid {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly shift: number;
}

const padded = (side: number) => Math.ceil(side / windowSize) * windowSize;

/** How far each side moves: not at all where one window covers it. */
function shiftsOf({ height, width, shift }: Grid): [number, number] {
  return [padded(height) > windowSize ? shift : 0, padded(width) > windowSize ? shift : 0];
}

/** The windows `[windows, places, channels]` of a map `[batch, height, width, channels]`. */
export function partition(x: tf.Tensor4D, grid: Grid): tf.Tensor3D {
  const { batch, height, width, channels } = grid;
  const [rows, columns] = [padded(height), padded(width)];
  const full = tf.pad(x, [
    [0, 0],
    [0, rows - height],
    [0, columns - width],
    [0, 0],
  ]);
  const [down, right] = shiftsOf(grid);
  const moved = roll(roll(full, down, 1), right, 2);
  const cut = tf.reshape(moved, [
    batch,
    rows / windowSize,
    windowSize,
    columns / windowSize,
    windowSize,
    channels,
  ]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [-1, windowSize ** 2, channels]);
}

/** The inverse of {@link partition}. */
export function unite(windows: tf.Tensor, grid: Grid): tf.Tensor4D {
  const { batch, height, width, channels } = grid;
  const [rows, columns] = [padded(height), padded(width)];
  const cut = tf.reshape(windows, [
    batch,
    rows / windowSize,
    columns / windowSize,
    windowSize,
    windowSize,
    channels,
  ]);
  const moved = tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows, columns, channels]);
  const [down, right] = shiftsOf(grid);
  const full = roll(roll(moved as tf.Tensor4D, -down, 1), -right, 2);
  return tf.slice(full, [0, 0, 0, 0], [batch, height, width, channels]);
}

/** Moves everything `places` towards the beginning of an axis; what falls off comes back at the end. */
function roll(x: tf.Tensor4D, places: number, axis: number): tf.Tensor4D {
  if (places === 0) return x;
  const side = x.shape[axis];
  const cut = places > 0 ? places : side + places;
  const [before, after] = tf.split<tf.Tensor4D>(x, [cut, side - cut], axis);
  return tf.concat([after, before], axis);
}

/** For each pair of places of a window, the row of the bias table that belongs to their distance. */
export function relativePositions(): Int32Array {
  const places = windowSize ** 2;
  const rowOf = (place: number) => Math.floor(place / windowSize);
  return Int32Array.from({ length: places ** 2 }, (_, pair) => {
    const [from, to] = [Math.floor(pair / places), pair % places];
    const down = rowOf(from) - rowOf(to) + windowSize - 1;
    const right = (from % windowSize) - (to % windowSize) + windowSize - 1;
    return down * (2 * windowSize - 1) + right;
  });
}

/**
 * What is added to the scores `[windows, places, places]` of one image: -100 for places that are neighbors only
 * because of the shift, 0 for others; undefined where nothing is shifted.
 */
export function shiftMask(grid: Grid): Float32Array | undefined {
  const [down, right] = shiftsOf(grid);
  if (down + right === 0) return undefined;
  const [rows, columns] = [padded(grid.height), padded(grid.width)];
  const places = windowSize ** 2;
  const across = columns / windowSize;
  const windows = (rows / windowSize) * across;
  // The borders of a side that is not shifted are borders of windows, and part nothing.
  const bandOf = (at: number, side: number, shift: number) =>
    at < side - windowSize ? 0 : at < side - shift ? 1 : 2;
  const regionOf = (window: number, place: number) => {
    const row = Math.floor(window / across) * windowSize + Math.floor(place / windowSize);
    const column = (window % across) * windowSize + (place % windowSize);
    return 3 * bandOf(row, rows, down) + bandOf(column, columns, right);
  };
  return Float32Array.from({ length: windows * places ** 2 }, (_, index) => {
    const window = Math.floor(index / places ** 2);
    const [from, to] = [Math.floor(index / places) % places, index % places];
    return regionOf(window, from) === regionOf(window, to) ? 0 : -100;
  });
}
