import { readFileSync } from "node:fs";
import sharp, { type Sharp } from "sharp";

/** A picture that is different everywhere: red grows to the right, green downwards, blue is `blue`. */
export function gradient(width: number, height: number, blue = 0): Sharp {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    return [(255 * x) / Math.max(1, width - 1), (255 * y) / Math.max(1, height - 1), blue][i % 3];
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The first part of a file. */
export function truncated(file: string, share: number): Uint8Array {
  const bytes = readFileSync(file);
  return bytes.subarray(0, Math.floor(bytes.length * share));
}
