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

/** A picture of four quarters: red and green above, blue and white below. */
export function quarters(width: number, height: number): Sharp {
  const colors = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    return colors[(2 * y < height ? 0 : 2) + (2 * x < width ? 0 : 1)][i % 3];
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The first part of a file. */
export function truncated(file: string, share: number): Uint8Array {
  const bytes = readFileSync(file);
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

/** A file whose second half, but for the last 64 bytes, is nonsense. */
export function broken(file: string): Uint8Array {
  const bytes = readFileSync(file);
  return bytes.fill(0xd5, Math.floor(bytes.length / 2), bytes.length - 64);
}

/** A whole PNG file that says it holds 20,000 × 20,000 pixels. */
export const hugePng: Uint8Array = Buffer.from(
  "89504e470d0a1a0a0000000d4948445200004e2000004e2008020000006c12d16e0000000c49444154789c6360a03900000063000177640ea30000000049454e44ae426082",
  "hex",
);
