import {
  concat,
  reshape,
  split,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  transpose,
} from "@tensorflow/tfjs-core";

/** A map of features that attention cuts into windows, moved up and left by `shift` places before. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  /** Rows and columns of a window; divides height and width. */
  readonly window: number;
  readonly shift: number;
}

/** The windows `[windows, places, channels]` of a map `[batch, height, width, channels]`. */
export function partition(x: Tensor4D, grid: Grid): Tensor3D {
  const { height, width, window, shift } = grid;
  const [batch, , , channels] = x.shape;
  const moved = roll(roll(x, shift, 1), shift, 2);
  const cut = reshape(moved, [batch, height / window, window, width / window, window, channels]);
  return reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [-1, window ** 2, channels]);
}

/** The inverse of {@link partition}. */
export function unite(windows: Tensor3D, grid: Grid): Tensor4D {
  const { height, width, window, shift } = grid;
  const channels = windows.shape[2];
  const cut: Tensor = reshape(windows, [-1, height / window, width / window, window, window, channels]);
  const moved = reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [-1, height, width, channels]) as Tensor4D;
  return roll(roll(moved, -shift, 1), -shift, 2);
}

/** Moves everything `places` towards the beginning of an axis; what falls off comes back at the end. */
function roll(x: Tensor4D, places: number, axis: 1 | 2): Tensor4D {
  if (places === 0) return x;
  const side = x.shape[axis];
  const cut = places > 0 ? places : side + places;
  const [before, after] = split<Tensor4D>(x, [cut, side - cut], axis) as [Tensor4D, Tensor4D];
  return concat([after, before], axis);
}

/** For each pair of places of a window, the row of the bias table that belongs to their distance. */
export function relativePositions(window: number): Int32Array {
  const places = window ** 2;
  const rowOf = (place: number) => Math.floor(place / window);
  return Int32Array.from({ length: places ** 2 }, (_, pair) => {
    const [from, to] = [Math.floor(pair / places), pair % places];
    const down = rowOf(from) - rowOf(to) + window - 1;
    const right = (from % window) - (to % window) + window - 1;
    return down * (2 * window - 1) + right;
  });
}

/**
 * What is added to the scores `[windows, places, places]` of one image: -100 for places that are neighbors only
 * because of the shift, 0 for others.
 */
export function shiftMask({ height, width, window, shift }: Grid): Float32Array {
  const places = window ** 2;
  const across = width / window;
  const windows = (height / window) * across;
  const bandOf = (at: number, side: number) => (at < side - window ? 0 : at < side - shift ? 1 : 2);
  const regions = Uint8Array.from({ length: windows * places }, (_, index) => {
    const [at, place] = [Math.floor(index / places), index % places];
    const row = Math.floor(at / across) * window + Math.floor(place / window);
    const column = (at % across) * window + (place % window);
    return 3 * bandOf(row, height) + bandOf(column, width);
  });
  return Float32Array.from({ length: windows * places ** 2 }, (_, index) => {
    const from = Math.floor(index / places);
    const to = Math.floor(from / places) * places + (index % places);
    return regions[from] === regions[to] ? 0 : -100;
  });
}
