import type { Pixels } from "@lmk/data";

/** Noise; with an odd seed only 0 and 255. As in golden/make-augmentation-goldens.py. */
export function hashedImage(seed: number, width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b9) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    const byte = ((x ^ (x >>> 16)) >>> 24) & 255;
    if (seed % 2 === 0) return byte;
    return byte >= 128 ? 255 : 0;
  });
  return { data, width, height, channels: 3 };
}
