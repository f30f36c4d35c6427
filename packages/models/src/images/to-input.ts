import { type Placement, placedSize } from "./geometry.ts";
import { type Pixels, requirePixels, type Size } from "./pixels.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { resizePixels } from "./resize.ts";

/** One image as a network takes it. */
export interface InputImage extends Size {
  /** `[height, width, 3]`, normalized RGB. */
  readonly data: Float32Array;
}

/**
 * An image resized, padded, cropped and normalized.
 *
 * ```text
 * value = (byte / 255 - mean) / std        computed in float64, stored in float32
 * ```
 *
 * The references compute this in float32, so their values differ in the last bits; padding is black before it is
 * normalized, so not 0 after.
 *
 * @param image - RGB.
 * @throws RangeError as {@link resizePixels}, or if the image has not 3 channels, a deviation is not a finite number
 * above 0, or a mean is not finite.
 *
 * @example
 * ```ts
 * import { squash, toInput } from "@lmk/models/images";
 *
 * const gray = { data: new Uint8Array(12).fill(51), width: 2, height: 2, channels: 3 };
 * const half = [0.5, 0.5, 0.5] as const;
 * const geometry = squash({ width: 1, height: 1 });
 * const { data } = toInput(gray, { geometry, kernel: "opencv-linear", mean: half, std: half });
 * Array.from(data, (value) => value.toFixed(2)); // => ["-0.60", "-0.60", "-0.60"]
 * ```
 */
export function toInput(image: Pixels, preprocessing: Preprocessing): InputImage {
  requireRgb("toInput", image);
  const placement = preprocessing.geometry(image);
  const { width, height } = placedSize(placement);
  const data = new Float32Array(width * height * 3);
  place("toInput", data, 0, image, placement, preprocessing);
  return { data, height, width };
}

/**
 * {@link toInput} into a larger array, such as that of a batch.
 *
 * @param target - Written to from `offset` on.
 * @param offset - In values, so `i * height * width * 3` for image `i` of a batch of equal sizes.
 * @returns The size of the written input.
 * @throws RangeError as {@link toInput}, or if `offset` is not a whole number from 0 on or the input does not fit; then
 * nothing is written.
 *
 * @example
 * ```ts
 * import { preprocessings, toInputInto } from "@lmk/models/images";
 *
 * const photos = [640, 480].map((width) => ({ data: new Uint8Array(width * 9), width, height: 3, channels: 3 }));
 * const batch = new Float32Array(2 * 64 * 64 * 3);
 * const sizes = photos.map((photo, i) =>
 *   toInputInto(batch, i * 64 * 64 * 3, photo, preprocessings.gld2021First(64)),
 * );
 * sizes; // => [{ width: 64, height: 64 }, { width: 64, height: 64 }]
 * ```
 */
export function toInputInto(
  target: Float32Array,
  offset: number,
  image: Pixels,
  preprocessing: Preprocessing,
): Size {
  requireRgb("toInputInto", image);
  const placement = preprocessing.geometry(image);
  const { width, height } = placedSize(placement);
  if (!Number.isInteger(offset) || offset < 0) {
    throw new RangeError(`toInputInto: expected \`offset\` to be a whole number from 0 on, got ${offset}`);
  }
  const end = offset + width * height * 3;
  if (end > target.length) {
    throw new RangeError(`toInputInto: expected \`target\` to hold ${end} values, got ${target.length}`);
  }
  place("toInputInto", target, offset, image, placement, preprocessing);
  return { width, height };
}

function requireRgb(caller: string, image: Pixels): void {
  requirePixels(caller, image);
  if (image.channels === 3) return;
  throw new RangeError(`${caller}: expected \`channels\` to be 3, got ${image.channels}`);
}

/** Normalizes the resized pixels in view; `left` and `top` are the view's corner in the resized image. */
function place(
  caller: string,
  target: Float32Array,
  offset: number,
  image: Pixels,
  placement: Placement,
  { kernel, mean, std }: Preprocessing,
): void {
  const tables = [0, 1, 2].map((c) => normalizedBytes(caller, mean[c], std[c]));
  const { pad, crop } = placement;
  const resized = resizePixels(image, { ...placement.resize, kernel });
  const { width, height } = placedSize(placement);
  const left = (crop?.left ?? 0) - (pad?.left ?? 0);
  const top = (crop?.top ?? 0) - (pad?.top ?? 0);
  const inside = left >= 0 && top >= 0 && left + width <= resized.width && top + height <= resized.height;
  if (!inside) fillBlack(target.subarray(offset, offset + width * height * 3), tables);
  const from = Math.max(0, -left);
  const to = Math.min(width, resized.width - left);
  for (let y = Math.max(0, -top); y < Math.min(height, resized.height - top); y++) {
    const input = ((y + top) * resized.width + left + from) * 3;
    normalizeRun(resized.data, input, tables, target, offset + (y * width + from) * 3, to - from);
  }
}

function normalizedBytes(caller: string, mean: number, std: number): Float32Array {
  if (!Number.isFinite(mean)) {
    throw new RangeError(`${caller}: expected \`mean\` to hold three finite numbers, got ${mean}`);
  }
  if (!(std > 0 && Number.isFinite(std))) {
    throw new RangeError(`${caller}: expected \`std\` to hold three finite numbers above 0, got ${std}`);
  }
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
}

function fillBlack(target: Float32Array, [red, green, blue]: readonly Float32Array[]): void {
  for (let i = 0; i < target.length; i += 3) {
    target[i] = red[0];
    target[i + 1] = green[0];
    target[i + 2] = blue[0];
  }
}

function normalizeRun(
  bytes: Uint8Array,
  start: number,
  [red, green, blue]: readonly Float32Array[],
  target: Float32Array,
  offset: number,
  pixels: number,
): void {
  for (let i = 0; i < 3 * pixels; i += 3) {
    target[offset + i] = red[bytes[start + i]];
    target[offset + i + 1] = green[bytes[start + i + 1]];
    target[offset + i + 2] = blue[bytes[start + i + 2]];
  }
}
