import { resizeByRows, roundHalfEven, type Taps } from "./opencv-rows.ts";
import type { Pixels, Size } from "./pixels.ts";

/** Both axes with the taps of `INTER_LINEAR` or of an enlarging `INTER_AREA`. */
export function blendLinear(
  image: Pixels,
  size: Size,
  taps: (from: number, to: number, clampFraction: boolean) => Taps,
): Uint8Array {
  const across = taps(image.width, size.width, true);
  const down = taps(image.height, size.height, false);
  return resizeByRows(image, size, across, down, blendTwo);
}

/** Taps from a position and a fraction in [0, 1], both given by `place`. */
export function twoTaps(
  from: number,
  to: number,
  clampFraction: boolean,
  place: (x: number) => readonly [number, number],
): Taps {
  const first = new Int32Array(to);
  const weights = new Int32Array(2 * to);
  for (let x = 0; x < to; x++) {
    let [position, fraction] = place(x);
    if (clampFraction && (position < 0 || position >= from - 1)) {
      fraction = 0;
      position = position < 0 ? 0 : from - 1;
    }
    first[x] = position;
    weights[2 * x] = roundHalfEven(Math.fround(1 - fraction) * 2048);
    weights[2 * x + 1] = roundHalfEven(fraction * 2048);
  }
  return { count: 2, first, weights };
}

function blendTwo(
  [upper, lower]: readonly Int32Array[],
  weights: Int32Array,
  at: number,
  target: Uint8Array,
  offset: number,
): void {
  const a = weights[at];
  const b = weights[at + 1];
  for (let i = 0; i < upper.length; i++) {
    target[offset + i] = (((a * (upper[i] >> 4)) >> 16) + ((b * (lower[i] >> 4)) >> 16) + 2) >> 2;
  }
}
