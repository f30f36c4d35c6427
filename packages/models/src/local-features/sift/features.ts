import { descriptorInto } from "./descriptor.ts";
import { type Differences, differencesInto, findExtrema } from "./extrema.ts";
import type { Plane } from "./gaussian-blur.ts";
import { blurredOctave, firstLayer, nextFirstLayer, type Octave, octaveCount } from "./gaussian-pyramid.ts";
import { dominantAngles } from "./orientation.ts";
import { type RefinementSettings, refineExtremum } from "./refinement.ts";

/** What features are looked for. */
export interface FeatureSettings extends RefinementSettings {
  readonly sigma: number;
  readonly doubled: boolean;
  readonly upright: boolean;
}

/** An extremum: its place and diameter in pixels of the image, and where in the scale space it was found. */
interface ScaleSpacePoint {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly response: number;
  readonly octave: Octave;
  /** Side of a pixel of the octave, in pixels of the image. */
  readonly pixel: number;
  readonly layer: number;
  readonly row: number;
  readonly column: number;
}

/** An extremum with one of its directions. */
export interface Feature extends ScaleSpacePoint {
  /** Degrees, clockwise. */
  readonly angle: number;
}

/**
 * The features of a gray image, each once, the best `limit`, the best first; of equal responses by x, y, falling size and
 * angle.
 */
export function findFeatures(gray: Plane, limit: number, settings: FeatureSettings): Feature[] {
  const points = findPoints(gray, settings).sort(comparePoints);
  const features: Feature[] = [];
  for (let i = 0; i < points.length && features.length < limit; i++) {
    const point = points[i]!;
    // Two pixels side by side can lead to one extremum.
    if (i > 0 && comparePoints(points[i - 1]!, point) === 0) continue;
    for (const angle of settings.upright ? [0] : anglesOf(point)) features.push({ ...point, angle });
  }
  return features.slice(0, limit);
}

/** Writes the descriptor of a feature, of unit length. */
export function describeFeature(target: Float64Array, histogram: Float64Array, feature: Feature): void {
  const { octave, layer, pixel, x, y, size, angle } = feature;
  descriptorInto(target, histogram, {
    image: octave.layers[layer]!,
    width: octave.width,
    height: octave.height,
    x: x / pixel,
    y: y / pixel,
    scale: size / pixel / 2,
    angle,
  });
}

function findPoints(gray: Plane, settings: FeatureSettings): ScaleSpacePoint[] {
  const { sigma, doubled, octaveLayers } = settings;
  const points: ScaleSpacePoint[] = [];
  let first = firstLayer(gray, sigma, doubled);
  const count = octaveCount(first, doubled);
  const buffers: Float32Array[] = [];
  if (count > 0) {
    for (let i = 0; i < octaveLayers + 2; i++) buffers.push(new Float32Array(first.data.length));
  }
  for (let i = 0; i < count; i++) {
    const octave = blurredOctave(first, sigma, octaveLayers);
    collectPoints(points, octave, differencesInto(buffers, octave), (doubled ? 0.5 : 1) * 2 ** i, settings);
    first = nextFirstLayer(octave, octaveLayers);
  }
  return points;
}

function collectPoints(
  points: ScaleSpacePoint[],
  octave: Octave,
  differences: Differences,
  pixel: number,
  settings: FeatureSettings,
): void {
  const { sigma, octaveLayers, contrastThreshold } = settings;
  const threshold = Math.floor(((0.5 * contrastThreshold) / octaveLayers) * 255);
  for (const start of findExtrema(differences, threshold)) {
    const extremum = refineExtremum(differences, start, settings);
    if (extremum === undefined) continue;
    const { layer, row, column, offsetX, offsetY, offsetLayer, response } = extremum;
    points.push({
      x: Math.fround((column + offsetX) * pixel),
      y: Math.fround((row + offsetY) * pixel),
      size: Math.fround(2 * sigma * 2 ** ((layer + offsetLayer) / octaveLayers) * pixel),
      response: Math.fround(response),
      octave,
      pixel,
      layer,
      row,
      column,
    });
  }
}

function anglesOf({ octave, layer, row, column, size, pixel }: ScaleSpacePoint): number[] {
  const { width, height, layers } = octave;
  const scale = size / pixel / 2;
  return dominantAngles({ image: layers[layer]!, width, height, row, column }, scale).sort((a, b) => a - b);
}

function comparePoints(a: ScaleSpacePoint, b: ScaleSpacePoint): number {
  return b.response - a.response || a.x - b.x || a.y - b.y || b.size - a.size;
}
