import type { Octave } from "./gaussian-pyramid.ts";

/** Pixels along the edges of an octave where no feature is looked for. */
export const border = 5;

/** Differences of the neighboring layers of an octave. */
export interface Differences {
  readonly width: number;
  readonly height: number;
  /** Layer i is the octave's layer i + 1 less its layer i. */
  readonly layers: readonly Float32Array[];
}

/** A pixel of a layer of differences. */
export interface Place {
  readonly layer: number;
  readonly row: number;
  readonly column: number;
}

/** Subtracts each layer of an octave from the next, `D(σ) = G(kσ) - G(σ)`, into buffers that are at least as long. */
export function differencesInto(buffers: readonly Float32Array[], octave: Octave): Differences {
  const layers = buffers.map((buffer, i) => {
    const difference = buffer.subarray(0, octave.width * octave.height);
    const lower = octave.layers[i]!;
    const upper = octave.layers[i + 1]!;
    for (let at = 0; at < difference.length; at++) difference[at] = upper[at]! - lower[at]!;
    return difference;
  });
  return { width: octave.width, height: octave.height, layers };
}

/**
 * The pixels farther from 0 than `threshold` that none of their 26 neighbors, in their layer and the two beside it,
 * exceeds: from the lowest layer, row after row.
 */
export function findExtrema(differences: Differences, threshold: number): Place[] {
  const { width, height, layers } = differences;
  const found: Place[] = [];
  for (let layer = 1; layer < layers.length - 1; layer++) {
    const own = layers[layer]!;
    const under = layers[layer - 1]!;
    const over = layers[layer + 1]!;
    for (let row = border; row < height - border; row++) {
      const start = row * width;
      for (let column = border; column < width - border; column++) {
        const at = start + column;
        const value = own[at]!;
        if (value > threshold) {
          if (isExceeded(own, at, width, value)) continue;
          if (isExceeded(over, at, width, value) || isExceeded(under, at, width, value)) continue;
        } else if (value < -threshold) {
          if (isUndercut(own, at, width, value)) continue;
          if (isUndercut(over, at, width, value) || isUndercut(under, at, width, value)) continue;
        } else {
          continue;
        }
        found.push({ layer, row, column });
      }
    }
  }
  return found;
}

/** Whether one of the 3 × 3 values around `at` is above `value`. */
function isExceeded(layer: Float32Array, at: number, width: number, value: number): boolean {
  if (layer[at + 1]! > value || layer[at - 1]! > value || layer[at]! > value) return true;
  const above = at - width;
  if (layer[above + 1]! > value || layer[above - 1]! > value || layer[above]! > value) return true;
  const below = at + width;
  return layer[below + 1]! > value || layer[below - 1]! > value || layer[below]! > value;
}

/** Whether one of the 3 × 3 values around `at` is below `value`. */
function isUndercut(layer: Float32Array, at: number, width: number, value: number): boolean {
  if (layer[at + 1]! < value || layer[at - 1]! < value || layer[at]! < value) return true;
  const above = at - width;
  if (layer[above + 1]! < value || layer[above - 1]! < value || layer[above]! < value) return true;
  const below = at + width;
  return layer[below + 1]! < value || layer[below - 1]! < value || layer[below]! < value;
}
