import { arctangent } from "./arctangent.ts";

const bins = 36;

/** A blurred image and a pixel of it. */
export interface Spot {
  readonly image: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly row: number;
  readonly column: number;
}

/**
 * The directions that the gradients around a pixel mostly have, in degrees, 0 to below 360, clockwise from the x axis in
 * an image whose rows go down.
 *
 * Gradients within `4.5 scale` pixels fall, by length times a Gaussian with `σ = 1.5 scale`, into 36 bins, which are smoothed
 * with `(1, 4, 6, 4, 1) / 16`. Each bin above its two neighbors and at least 0.8 of the highest is a direction, moved to
 * the top of the parabola through the three.
 *
 * @param scale - the feature's scale, in pixels of the octave
 */
export function dominantAngles({ image, width, height, row, column }: Spot, scale: number): number[] {
  const radius = Math.round(4.5 * scale);
  const weights = Float64Array.from({ length: radius + 1 }, (_, i) =>
    Math.exp((-i * i) / (4.5 * scale * scale)),
  );
  const raw = new Float64Array(bins);
  for (let y = Math.max(1, row - radius); y <= Math.min(height - 2, row + radius); y++) {
    const rowWeight = weights[Math.abs(y - row)]!;
    const last = Math.min(width - 2, column + radius);
    for (let x = Math.max(1, column - radius); x <= last; x++) {
      const at = y * width + x;
      const dx = image[at + 1]! - image[at - 1]!;
      const dy = image[at - width]! - image[at + width]!;
      const bin = ((arctangent(dy, dx) / 10 + 0.5) | 0) % bins;
      raw[bin]! += rowWeight * weights[Math.abs(x - column)]! * Math.sqrt(dx * dx + dy * dy);
    }
  }
  return peaks(smoothed(raw));
}

function smoothed(raw: Float64Array): Float64Array {
  const of = (bin: number): number => raw[(bin + bins) % bins]!;
  return raw.map((value, i) => (of(i - 2) + of(i + 2)) / 16 + (of(i - 1) + of(i + 1)) / 4 + (value * 6) / 16);
}

function peaks(histogram: Float64Array): number[] {
  const least = 0.8 * histogram.reduce((highest, value) => Math.max(highest, value), 0);
  const angles: number[] = [];
  histogram.forEach((value, i) => {
    const left = histogram[(i + bins - 1) % bins]!;
    const right = histogram[(i + 1) % bins]!;
    if (value <= left || value <= right || value < least) return;
    const bin = i + (left - right) / (2 * (left - 2 * value + right));
    const angle = Math.fround(360 - ((bin + bins) % bins) * 10);
    angles.push(angle === 360 ? 0 : angle);
  });
  return angles;
}
