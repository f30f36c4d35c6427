import { unitRows } from "../../embedder/rows.ts";
import type { Size } from "../../images/pixels.ts";
import { ImageError, type ImageLocalFeatures } from "./detector.ts";

/** Some of the features, in this order. */
function pickFeatures(features: ImageLocalFeatures, order: readonly number[]): ImageLocalFeatures {
  const { points, scores, descriptors } = features;
  const { data, columns } = descriptors;
  const kept = new Float32Array(order.length * columns);
  order.forEach((from, to) => {
    kept.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
  });
  return {
    points: Float32Array.from(order.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!])),
    scores: Float32Array.from(order, (i) => scores[i]!),
    descriptors: { data: kept, rows: order.length, columns },
  };
}

/** The features on the image itself whose score is above `threshold`. */
export function keepFeatures(
  features: ImageLocalFeatures,
  { width, height }: Size,
  threshold: number,
): ImageLocalFeatures {
  const { points, scores } = features;
  const isInside = (i: number): boolean => {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
    return x >= -0.5 && y >= -0.5 && x < width - 0.5 && y < height - 0.5;
  };
  const kept = [...scores.keys()].filter((i) => scores[i]! > threshold && isInside(i));
  return kept.length === scores.length ? features : pickFeatures(features, kept);
}

/** The best features, of equal scores the first; descriptors of length 1 if asked. */
export function bestFeatures(
  features: ImageLocalFeatures,
  limit: number,
  normalize: boolean,
): ImageLocalFeatures {
  const { scores, points, descriptors } = features;
  for (const values of [points, scores, descriptors.data]) {
    if (!values.every(Number.isFinite)) throw new ImageError("The features hold numbers that are not finite");
  }
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, limit);
  const best = pickFeatures(features, order);
  return normalize ? { ...best, descriptors: unitRows(best.descriptors) } : best;
}
