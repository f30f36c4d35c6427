import { requirePositiveInteger } from "../require.ts";

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An image of bytes: the value of channel `c` at column `x` of row `y` is `data[(y * width + x) * channels + c]`. */
export interface Pixels extends Size {
  /** `width * height * channels` bytes, rows from the top, channels interleaved. */
  readonly data: Uint8Array;
  /** 1 to 4. */
  readonly channels: number;
}

/** Refuses sides that are not whole numbers above 0. */
export function requireSize(caller: string, { width, height }: Size): void {
  requirePositiveInteger(caller, "width", width);
  requirePositiveInteger(caller, "height", height);
}

/** Refuses an image whose bytes do not fit its sides. */
export function requirePixels(caller: string, image: Pixels): void {
  requireSize(caller, image);
  const { data, width, height, channels } = image;
  if (!Number.isInteger(channels) || channels < 1 || channels > 4) {
    throw new RangeError(`${caller}: expected \`channels\` to be 1, 2, 3 or 4, got ${channels}`);
  }
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(`${caller}: expected \`data\` to be a Uint8Array, got ${typeName(data)}`);
  }
  if (data.length === width * height * channels) return;
  throw new RangeError(
    `${caller}: expected \`data\` to hold ${width} × ${height} × ${channels} bytes, got ${data.length}`,
  );
}

function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
