import type { Pixels } from "@lmk/models/images";

/** An image that `golden/make-sift.py` draws too. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly shapes: number;
  readonly noise: number;
  readonly seed: number;
}

/** A slope, rectangles and ellipses, and noise, all whole numbers of one linear congruential generator. */
export function drawn({ width, height, channels, shapes, noise, seed }: Drawing): Pixels {
  const below = generator(seed);
  const values = new Int32Array(width * height * channels);
  const at = (x: number, y: number) => (y * width + x) * channels;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values.fill(
        64 + Math.floor((64 * x) / width) + Math.floor((32 * y) / height),
        at(x, y),
        at(x, y) + channels,
      );
    }
  }
  for (let shape = 0; shape < shapes; shape++) {
    const round = below(2) === 1;
    const [a, b] = [2 + below(18), 2 + below(18)];
    const [centerX, centerY] = [below(width), below(height)];
    const lift = Array.from({ length: channels }, () => below(161) - 80);
    for (let y = Math.max(0, centerY - b); y <= Math.min(height - 1, centerY + b); y++) {
      for (let x = Math.max(0, centerX - a); x <= Math.min(width - 1, centerX + a); x++) {
        const outside = (x - centerX) ** 2 * b ** 2 + (y - centerY) ** 2 * a ** 2 > a ** 2 * b ** 2;
        if (round && outside) continue;
        lift.forEach((value, channel) => {
          values[at(x, y) + channel]! += value;
        });
      }
    }
  }
  const data = Uint8Array.from(values, (value) =>
    Math.min(255, Math.max(0, value + below(2 * noise + 1) - noise)),
  );
  return { data, width, height, channels };
}

function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
}
