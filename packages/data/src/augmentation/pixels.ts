import { requireInteger, requireLength } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";

/** An RGB image of bytes: channel `c` at column `x` of row `y` is `data[(y * width + x) * 3 + c]`. */
export interface Pixels extends Size {
  /** `width * height * 3` bytes, rows from the top. */
  readonly data: Uint8Array;
  /** Always 3: red, green and blue. */
  readonly channels: 3;
}

/** An image of these bytes. */
export function pixelsOf(data: Uint8Array, { width, height }: Size): Pixels {
  return { data, width, height, channels: 3 };
}

/** Refuses an image whose bytes do not fit its sides. */
export function requirePixels(caller: string, pixels: Pixels): void {
  requireInteger(caller, "width", pixels.width, 1);
  requireInteger(caller, "height", pixels.height, 1);
  requireLength(caller, "data", pixels.data.length, pixels.width * pixels.height * 3);
}
