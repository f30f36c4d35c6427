import { readFileSync } from "node:fs";
import type { Kernel, Pixels } from "@lmk/models/images";

type Pair = readonly [number, number];

/** What `golden/resize.json` holds; sizes are width and height. */
export interface ResizeGoldens {
  readonly resize: readonly {
    readonly kernel: Kernel;
    readonly from: Pair;
    readonly to: Pair;
    readonly channels: number;
    readonly seed: number;
    readonly crc32: number;
    readonly every: number;
    readonly bytes: readonly number[];
  }[];
  readonly inputs: readonly {
    readonly preprocessing: string;
    readonly from: Pair;
    readonly seed: number;
    readonly to: Pair;
    readonly crc32: number;
    readonly every: number;
    readonly values: readonly number[];
  }[];
  readonly sizes: readonly ({ readonly from: Pair } & Readonly<Record<string, Pair>>)[];
}

/** Reads `golden/resize.json`. */
export function readResizeGoldens(): ResizeGoldens {
  return JSON.parse(readFileSync(new URL("./golden/resize.json", import.meta.url), "utf8")) as ResizeGoldens;
}

/** Noise that depends on a seed and a position alone; with an odd seed only 0 and 255. */
export function hashedPixels(seed: number, width: number, height: number, channels: number): Pixels {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b9) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    const byte = ((x ^ (x >>> 16)) >>> 24) & 255;
    return seed % 2 === 0 ? byte : (byte >> 7) * 255;
  });
  return { data, width, height, channels };
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** The CRC-32 of bytes. */
export function crc32OfBytes(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}
