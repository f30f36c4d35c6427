import { roundHalfToEven } from "../../round-half-to-even.ts";
import { arctangent } from "./arctangent.ts";

/** Cells along a side, and directions in each. */
const cells = 4;
const directions = 8;
/** The grid has a cell more on each side, and a direction more at each end, so that no share needs a test. */
const stride = directions + 2;
const rowStride = (cells + 2) * stride;

/** Values of a descriptor: 4 × 4 cells, row after row, of 8 directions. */
export const descriptorLength: number = cells * cells * directions;

/** The histogram that {@link descriptorInto} fills. */
export function createHistogram(): Float64Array {
  return new Float64Array((cells + 2) * rowStride);
}

/** Where a descriptor is taken: a place of a blurred image, in its pixels. */
export interface DescriptorPlace {
  readonly image: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  /** The feature's scale, in pixels of the image. */
  readonly scale: number;
  /** Degrees, clockwise. */
  readonly angle: number;
}

/**
 * Writes the descriptor of a place, of unit length: gradients in 4 × 4 cells of `3 scale` pixels, turned by the angle, fall
 * into 8 directions, each shared by the two nearest cells along both axes and the two nearest directions, and
 * weighted by a Gaussian whose σ is two cells; values above 0.2 of the length are cut down to it before the last division.
 * Without any gradient all values are 0.
 */
export function descriptorInto(target: Float64Array, histogram: Float64Array, place: DescriptorPlace): void {
  histogram.fill(0);
  collectGradients(histogram, place);
  foldInto(target, histogram);
  const limit = 0.2 * Math.sqrt(sumOfSquares(target));
  for (let i = 0; i < target.length; i++) target[i] = Math.min(target[i]!, limit);
  const scale = 1 / Math.max(Math.sqrt(sumOfSquares(target)), 1.1920929e-7);
  for (let i = 0; i < target.length; i++) target[i]! *= scale;
}

function collectGradients(histogram: Float64Array, place: DescriptorPlace): void {
  const { image, width, height, scale } = place;
  const turn = 360 - place.angle;
  const cell = 3 * scale;
  const cosine = Math.cos((turn * Math.PI) / 180) / cell;
  const sine = Math.sin((turn * Math.PI) / 180) / cell;
  const diagonal = Math.floor(Math.sqrt(width * width + height * height));
  const radius = Math.min(roundHalfToEven((cell * Math.SQRT2 * (cells + 1)) / 2), diagonal);
  const centerX = roundHalfToEven(place.x);
  const centerY = roundHalfToEven(place.y);
  const weights = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp((-i * i) / (8 * cell * cell)));
  // Counted from the outer cells, so that positions are above 0 and a whole part is a truncation.
  const middle = cells / 2 + 0.5;

  const top = Math.max(-radius, 1 - centerY);
  const bottom = Math.min(radius, height - 2 - centerY);
  const left = Math.max(-radius, 1 - centerX);
  const right = Math.min(radius, width - 2 - centerX);
  const rowBand = bandAcross(sine, cosine);
  const columnBand = bandAcross(cosine, -sine);
  for (let i = top; i <= bottom; i++) {
    const rowWeight = weights[Math.abs(i)]!;
    const rowMiddle = rowBand.slope * i;
    const columnMiddle = columnBand.slope * i;
    const from = Math.max(rowMiddle - rowBand.reach, columnMiddle - columnBand.reach);
    const to = Math.min(rowMiddle + rowBand.reach, columnMiddle + columnBand.reach);
    const end = Math.min(right, Math.ceil(to));
    for (let j = Math.max(left, Math.floor(from)); j <= end; j++) {
      const rowBin = j * sine + i * cosine + middle;
      const columnBin = j * cosine - i * sine + middle;
      if (!(rowBin > 0 && rowBin < cells + 1 && columnBin > 0 && columnBin < cells + 1)) continue;
      const at = (centerY + i) * width + centerX + j;
      const dx = image[at + 1]! - image[at - 1]!;
      const dy = image[at - width]! - image[at + width]!;
      const weight = rowWeight * weights[Math.abs(j)]! * Math.sqrt(dx * dx + dy * dy);
      const direction = (arctangent(dy, dx) - turn) * (directions / 360) + directions;

      const row = rowBin | 0;
      const column = columnBin | 0;
      const whole = direction | 0;
      const down = rowBin - row;
      const across = columnBin - column;
      const around = direction - whole;
      const bin = row * rowStride + column * stride + (whole & (directions - 1));

      const lower = weight * down;
      const upper = weight - lower;
      const lowerRight = lower * across;
      const lowerLeft = lower - lowerRight;
      const upperRight = upper * across;
      const upperLeft = upper - upperRight;
      histogram[bin]! += upperLeft * (1 - around);
      histogram[bin + 1]! += upperLeft * around;
      histogram[bin + stride]! += upperRight * (1 - around);
      histogram[bin + stride + 1]! += upperRight * around;
      histogram[bin + rowStride]! += lowerLeft * (1 - around);
      histogram[bin + rowStride + 1]! += lowerLeft * around;
      histogram[bin + rowStride + stride]! += lowerRight * (1 - around);
      histogram[bin + rowStride + stride + 1]! += lowerRight * around;
    }
  }
}

/** Where `|a j + b i| < 2.5`, which is on the grid along one axis: `slope i - reach < j < slope i + reach`. */
function bandAcross(a: number, b: number): { readonly slope: number; readonly reach: number } {
  if (a === 0) return { slope: 0, reach: Number.POSITIVE_INFINITY };
  return { slope: -b / a, reach: (cells + 1) / 2 / Math.abs(a) };
}

/** The 4 × 4 inner cells; the direction after the last one is the first. */
function foldInto(target: Float64Array, histogram: Float64Array): void {
  for (let row = 0, to = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const from = (row + 1) * rowStride + (column + 1) * stride;
      histogram[from]! += histogram[from + directions]!;
      for (let i = 0; i < directions; i++, to++) target[to] = histogram[from + i]!;
    }
  }
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
