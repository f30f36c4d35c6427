import { readFileSync } from "node:fs";
import type { NamedArrays } from "@lmk/models";

/** A few values of a tensor at even distances, and mean and root mean square of all. */
export interface Digest {
  readonly shape: readonly number[];
  readonly every: number;
  readonly values: readonly number[];
  readonly mean: number;
  readonly rms: number;
}

/** One case of `resnet.json`. */
export interface Golden {
  readonly batch: number;
  readonly size: number;
  readonly output: Digest;
  readonly statistics?: Readonly<Record<string, Digest>>;
  readonly gradients?: Readonly<Record<string, { readonly shape: readonly number[]; readonly norm: number }>>;
}

/** What `resnet.json` holds. */
export interface GoldenFile {
  readonly goldens: Readonly<Record<string, Golden>>;
  readonly shapes: Readonly<
    Record<string, { readonly names: number; readonly values: number; readonly crc32: number }>
  >;
}

/** Reads `resnet.json`. */
export function readGoldens(): GoldenFile {
  return JSON.parse(readFileSync(new URL("./golden/resnet.json", import.meta.url), "utf8")) as GoldenFile;
}

/** The CRC-32 of a text's bytes. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers in [-1, 1) that depend on a name and a position alone, times a factor, plus an offset. */
export function hashedUniform(name: string, size: number, factor = 1, offset = 0): Float32Array {
  const start = crc32(name);
  return Float32Array.from({ length: size }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b9) + start) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x = (x ^ (x >>> 16)) >>> 0;
    return offset + factor * (x / 2 ** 31 - 1);
  });
}

/** The goldens' weights for names and shapes, both in the reference's layout. */
export function referenceWeights(shapes: Readonly<Record<string, readonly number[]>>): NamedArrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, data: weightsOf(name, shape) }]),
  );
}

function weightsOf(name: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  const [a = 1, b = 1, height = 1, width = 1] = shape;
  if (name === "pooling.p") return Float32Array.of(3);
  if (shape.length === 4) return hashedUniform(name, size, Math.sqrt(6 / (a * height * width)));
  if (shape.length === 2) return hashedUniform(name, size, Math.sqrt(6 / (a + b)));
  if (name.endsWith(".running_var")) return hashedUniform(name, size, 0.3, 1);
  if (name.endsWith(".weight")) return hashedUniform(name, size, 0.2, 1);
  return hashedUniform(name, size, 0.1);
}
