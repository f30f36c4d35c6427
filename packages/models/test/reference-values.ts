import type { NamedArrays } from "@lmk/models";

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
  const values = new Float32Array(size);
  const start = crc32(name);
  for (let i = 0; i < size; i++) values[i] = offset + factor * hashed(start, i);
  return values;
}

/** Noise of `[batch, size, size, 3]`, each image with a tint of its own. */
export function goldenImages(batch: number, size: number): Float32Array {
  const area = size * size * 3;
  const [noise, tints] = [crc32("images"), crc32("tints")];
  const values = new Float32Array(batch * area);
  for (let i = 0; i < values.length; i++) {
    values[i] = 2 * hashed(noise, i) + 2 * hashed(tints, Math.floor(i / area) * 3 + (i % 3));
  }
  return values;
}

function hashed(start: number, position: number): number {
  let x = (Math.imul(position, 0x9e3779b9) + start) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** The goldens' weights for names and shapes, both in the reference's layout. */
export function referenceWeights(shapes: Readonly<Record<string, readonly number[]>>): NamedArrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, { shape, data: hashedUniform(name, size, ...factorAndOffset(name, shape)) }];
    }),
  );
}

/** The norm that ends a residual branch: small, so that maps do not grow from block to block. */
const lastNorm = /(^layer|^fish\.|blocks\.\d+\.[1-9]\d*\.).*bn3\.weight$/;
/** The same from the fifth block of a stage on: smaller, so that rounding does not grow from block to block either. */
const lateNorm = /^layer\d\.([4-9]|\d\d+)\.bn3\.weight$/;

/** The rule of fill, as `golden/README.md` gives it; `golden/make-goldens.py` has the same. */
function factorAndOffset(name: string, shape: readonly number[]): [factor: number, offset: number] {
  const [, input = 1, height = 1, width = 1] = shape;
  if (name.endsWith(".p")) return [0, 3];
  if (shape.length === 4) return [Math.sqrt(6 / (input * height * width)), 0];
  if (shape.length === 2) return [Math.sqrt(3 / input), 0];
  if (name.endsWith(".running_var")) return [0.3, 1];
  if (lateNorm.test(name)) return [0.02, 0.1];
  if (lastNorm.test(name)) return [0.05, 0.25];
  if (name.endsWith(".weight")) return shape[0] === 1 ? [0.1, 0.25] : [0.2, 1];
  return [0.1, 0];
}
