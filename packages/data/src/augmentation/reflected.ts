import type { Pixels } from "./pixels.ts";

/**
 * The place within 0 to `length - 1` that stands for one outside, mirrored at the middles of the first and the last pixel as
 * often as it takes.
 */
export function reflected(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = ((place % period) + period) % period;
  return Math.min(inPeriod, period - inPeriod);
}

/** The bytes of an image with `margin` columns more on both sides, mirrored as {@link reflected} says. */
export function withReflectedColumns({ data, width, height }: Pixels, margin: number): Uint8Array {
  const paddedWidth = width + 2 * margin;
  const padded = new Uint8Array(paddedWidth * height * 3);
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    const start = y * paddedWidth * 3;
    padded.set(data.subarray(row, row + width * 3), start + margin * 3);
    for (let x = 1; x <= margin; x++) {
      const before = row + reflected(-x, width) * 3;
      const after = row + reflected(width - 1 + x, width) * 3;
      padded.set(data.subarray(before, before + 3), start + (margin - x) * 3);
      padded.set(data.subarray(after, after + 3), start + (margin + width - 1 + x) * 3);
    }
  }
  return padded;
}
