import { mapBytes } from "../enhance.ts";
import { type Pixels, pixelsOf } from "../pixels.ts";

/** Keeps the upper `bits` of each byte, from 1 to 8. */
export function posterize(pixels: Pixels, bits: number): Pixels {
  const mask = 256 - 2 ** (8 - bits);
  return mapBytes(
    pixels,
    Uint8Array.from({ length: 256 }, (_, v) => v & mask),
  );
}

/** Inverts the bytes of at least `threshold`. */
export function solarize(pixels: Pixels, threshold: number): Pixels {
  const table = Uint8Array.from({ length: 256 }, (_, v) => (v < threshold ? v : 255 - v));
  return mapBytes(pixels, table);
}

/** Stretches each channel to the whole range; one of a single value stays. */
export function autoContrast(pixels: Pixels): Pixels {
  return mapChannels(pixels, (counts) => {
    const lowest = counts.findIndex((count) => count > 0);
    const highest = counts.findLastIndex((count) => count > 0);
    if (highest === lowest) return undefined;
    const scale = 255 / (highest - lowest);
    const offset = -lowest * scale;
    return Uint8Array.from({ length: 256 }, (_, v) =>
      Math.trunc(Math.min(255, Math.max(0, v * scale + offset))),
    );
  });
}

/** Spreads the values of each channel evenly; one of a single value, or of too few pixels, stays. */
export function equalize(pixels: Pixels): Pixels {
  return mapChannels(pixels, (counts) => {
    const highest = counts.findLastIndex((count) => count > 0);
    const total = pixels.width * pixels.height;
    const step = Math.floor((total - counts[highest]) / 255);
    if (step === 0) return undefined;
    let below = Math.floor(step / 2);
    return Uint8Array.from({ length: 256 }, (_, v) => {
      const level = Math.min(255, Math.floor(below / step));
      below += counts[v];
      return level;
    });
  });
}

/** Replaces the bytes of each channel by a table made from how often each comes; `undefined` leaves the channel. */
function mapChannels(pixels: Pixels, tableOf: (counts: Uint32Array) => Uint8Array | undefined): Pixels {
  const { data } = pixels;
  const result = data.slice();
  for (let channel = 0; channel < 3; channel++) {
    const counts = new Uint32Array(256);
    for (let i = channel; i < data.length; i += 3) counts[data[i]]++;
    const table = tableOf(counts);
    if (table === undefined) continue;
    for (let i = channel; i < data.length; i += 3) result[i] = table[data[i]];
  }
  return pixelsOf(result, pixels);
}
