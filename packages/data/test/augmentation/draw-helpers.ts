import {
  type Augmentation,
  drawAugmentation,
  type ImageTransform,
  type Size,
  type TransformDraw,
} from "@lmk/data";

/** What one transform draws for many images; `undefined` where it leaves one alone. */
export function drawsOf<Name extends ImageTransform["name"]>(
  transform: Extract<ImageTransform, { readonly name: Name }>,
  size: Size,
  count = 4000,
  target: Size = size,
): (Extract<TransformDraw, { readonly name: Name }> | undefined)[] {
  const augmentation: Augmentation = [transform as ImageTransform];
  return Array.from({ length: count }, (_, row) => {
    const [draw] = drawAugmentation(augmentation, size, { seed: 1, epoch: 0, row }, { target });
    return draw as Extract<TransformDraw, { readonly name: Name }> | undefined;
  });
}

/** The draws of the images that are changed. */
export function drawnOf<Name extends ImageTransform["name"]>(
  transform: Extract<ImageTransform, { readonly name: Name }>,
  size: Size,
  count = 4000,
  target: Size = size,
): Extract<TransformDraw, { readonly name: Name }>[] {
  return drawsOf<Name>(transform, size, count, target).filter((draw) => draw !== undefined);
}

/** The smallest and the largest. */
export function range(values: readonly number[]): number[] {
  return [Math.min(...values), Math.max(...values)];
}

/** The sum over the count. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How many values there are of each of some integers. */
export function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
