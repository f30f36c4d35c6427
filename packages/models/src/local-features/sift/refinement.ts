import { roundHalfToEven } from "../../round-half-to-even.ts";
import { border, type Differences, type Place } from "./extrema.ts";

/** The most steps to a pixel nearer to the extremum. */
const steps = 5;

/** What an extremum has to fulfil. */
export interface RefinementSettings {
  readonly octaveLayers: number;
  readonly contrastThreshold: number;
  readonly edgeThreshold: number;
}

/** An extremum between the pixels, in pixels and layers of its octave. */
export interface Extremum extends Place {
  /** The extremum less the pixel's middle, each within ±0.5. */
  readonly offsetX: number;
  readonly offsetY: number;
  readonly offsetLayer: number;
  /** The difference at the extremum, its sign dropped, in parts of 255. */
  readonly response: number;
}

/**
 * Moves a pixel to the extremum of the parabola through its neighbors, `z = -H⁻¹ g` with the gradient and the Hessian by
 * central differences. Where an offset is above 0.5 the nearest pixel takes its place, five times at most.
 *
 * @returns `undefined` if no pixel holds the extremum, if `|D(z)| · octaveLayers` is below the contrast threshold, or if
 * it lies on an edge: `trace² / determinant ≥ (e + 1)² / e` of the Hessian of x and y, `e` the edge threshold.
 */
export function refineExtremum(
  { width, height, layers }: Differences,
  start: Place,
  { octaveLayers, contrastThreshold, edgeThreshold }: RefinementSettings,
): Extremum | undefined {
  let { layer, row, column } = start;
  for (let step = 0; step < steps; step++) {
    const own = layers[layer]!;
    const under = layers[layer - 1]!;
    const over = layers[layer + 1]!;
    const at = row * width + column;
    const value = own[at]!;
    const gx = (own[at + 1]! - own[at - 1]!) / 2;
    const gy = (own[at + width]! - own[at - width]!) / 2;
    const gs = (over[at]! - under[at]!) / 2;
    const xx = own[at + 1]! + own[at - 1]! - 2 * value;
    const yy = own[at + width]! + own[at - width]! - 2 * value;
    const ss = over[at]! + under[at]! - 2 * value;
    const xy =
      (own[at + width + 1]! - own[at + width - 1]! - own[at - width + 1]! + own[at - width - 1]!) / 4;
    const xs = (over[at + 1]! - over[at - 1]! - under[at + 1]! + under[at - 1]!) / 4;
    const ys = (over[at + width]! - over[at - width]! - under[at + width]! + under[at - width]!) / 4;

    const minorX = yy * ss - ys * ys;
    const minorY = xy * ss - ys * xs;
    const minorS = xy * ys - yy * xs;
    const determinant = xx * minorX - xy * minorY + xs * minorS;
    // Of a singular Hessian OpenCV takes the pixel itself.
    const scale = determinant === 0 ? 0 : -1 / determinant;
    const offsetX = scale * (gx * minorX - gy * minorY + gs * minorS);
    const offsetY = scale * (-gx * minorY + gy * (xx * ss - xs * xs) - gs * (xx * ys - xy * xs));
    const offsetLayer = scale * (gx * minorS - gy * (xx * ys - xy * xs) + gs * (xx * yy - xy * xy));

    if (Math.abs(offsetX) < 0.5 && Math.abs(offsetY) < 0.5 && Math.abs(offsetLayer) < 0.5) {
      const response = Math.abs(value + (gx * offsetX + gy * offsetY + gs * offsetLayer) / 2) / 255;
      if (response * octaveLayers < contrastThreshold) return undefined;
      const trace = xx + yy;
      const curvature = xx * yy - xy * xy;
      if (curvature <= 0) return undefined;
      if (trace * trace * edgeThreshold >= (edgeThreshold + 1) ** 2 * curvature) return undefined;
      return { layer, row, column, offsetX, offsetY, offsetLayer, response };
    }

    column += roundHalfToEven(offsetX);
    row += roundHalfToEven(offsetY);
    layer += roundHalfToEven(offsetLayer);
    if (layer < 1 || layer > octaveLayers) return undefined;
    if (column < border || column >= width - border || row < border || row >= height - border)
      return undefined;
  }
  return undefined;
}
