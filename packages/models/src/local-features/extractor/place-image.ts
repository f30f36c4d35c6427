import type { Pixels, Size } from "../../images/pixels.ts";
import { resizePixels } from "../../images/resize.ts";

/** What a network is given of an image. */
export interface InputForm {
  readonly channels: 1 | 3;
  readonly layout: "NCHW" | "NHWC";
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The shares of red, green and blue in gray. */
const grayShares = [0.299, 0.587, 0.114] as const;

/** The image with no side longer than asked: in proportion, by means over the pixels' areas; never enlarged. */
export function shrink(image: Pixels, maxSide: number | undefined, largest: Size | undefined): Pixels {
  const { width, height } = image;
  const most = {
    width: Math.min(maxSide ?? width, largest?.width ?? width),
    height: Math.min(maxSide ?? height, largest?.height ?? height),
  };
  const scale = Math.min(most.width / width, most.height / height);
  if (scale >= 1) return image;
  const side = (length: number, limit: number): number =>
    Math.min(limit, Math.max(1, Math.round(length * scale)));
  return resizePixels(image, {
    width: side(width, most.width),
    height: side(height, most.height),
    kernel: "opencv-area",
  });
}

/** Points of a shrunk image, in pixels of the image: `(x + 0.5) * width / shrunk width - 0.5`, and y alike. */
export function pointsBefore(points: Float32Array, shrunk: Size, image: Size): Float32Array {
  if (shrunk.width === image.width && shrunk.height === image.height) return points;
  const factors = [image.width / shrunk.width, image.height / shrunk.height] as const;
  return points.map((value, i) => (value + 0.5) * factors[i % 2]! - 0.5);
}

/** The size that an image is padded to. */
export function paddedSize({ width, height }: Size, multiple: number): Size {
  const up = (side: number): number => Math.ceil(side / multiple) * multiple;
  return { width: up(width), height: up(height) };
}

/** Values of an image from 0 to 1, less `mean` and divided by `std`, in the upper left of zeros. */
export function networkInput(image: Pixels, padded: Size, form: InputForm): Float32Array {
  const { channels, layout } = form;
  const { data, width, height } = image;
  const input = new Float32Array(padded.width * padded.height * channels);
  const byPixel = layout === "NHWC" ? channels : 1;
  const byChannel = layout === "NHWC" ? 1 : padded.width * padded.height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = (y * padded.width + x) * byPixel;
      if (channels === 1) input[to] = grayValue(data, from, form);
      else for (let c = 0; c < 3; c++) input[to + c * byChannel] = inputValue(data[from + c]!, c, form);
    }
  }
  return input;
}

function grayValue(data: Uint8Array, from: number, form: InputForm): number {
  return grayShares.reduce((sum, share, c) => sum + share * inputValue(data[from + c]!, c, form), 0);
}

function inputValue(byte: number, channel: number, { mean, std }: InputForm): number {
  return (byte / 255 - mean[channel]!) / std[channel]!;
}

/** The upper left `width × height` values of a map with rows of `stride`. */
export function upperLeft(map: Float32Array, stride: number, { width, height }: Size): Float32Array {
  if (stride === width) return map.subarray(0, width * height);
  const part = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    part.set(map.subarray(y * stride, y * stride + width), y * width);
  }
  return part;
}
