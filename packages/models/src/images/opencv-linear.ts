import { shrinkByWholeFactors } from "./opencv-area.ts";
import { stepOf, type Taps } from "./opencv-rows.ts";
import { blendLinear, twoTaps } from "./opencv-two-taps.ts";
import type { Pixels, Size } from "./pixels.ts";

/**
 * OpenCV's `INTER_LINEAR` for bytes.
 *
 * ```text
 * s = from / to      u = (x + 1/2) s - 1/2 in float32      i = floor(u)      f = u - i
 * a = round(2048 (1 - f))      b = round(2048 f)           along x: f = 0 beyond the first and last column
 * h_y[x] = a in_y[i] + b in_y[i + 1]
 * out = ( (a' (h_j >> 4) >> 16) + (b' (h_j+1 >> 4) >> 16) + 2 ) >> 2
 * ```
 *
 * Shrinking both sides to exactly a half gives the mean of 2 × 2 pixels instead.
 */
export function resizeLinear(image: Pixels, size: Size): Uint8Array {
  const halved = stepOf(image.width, size.width) === 2 && stepOf(image.height, size.height) === 2;
  if (halved) return shrinkByWholeFactors(image, size, 2, 2);
  return blendLinear(image, size, linearTaps);
}

function linearTaps(from: number, to: number, clampFraction: boolean): Taps {
  const step = stepOf(from, to);
  return twoTaps(from, to, clampFraction, (x) => {
    const center = Math.fround((x + 0.5) * step - 0.5);
    const position = Math.floor(center);
    return [position, Math.fround(center - position)];
  });
}
