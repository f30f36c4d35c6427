const factorX = 0x27d4eb2d;
const factorY = 0x165667b1;

/** A pseudo-random number in [0, 1) of a lattice point. */
export function latticeNoise(x: number, y: number): number {
  return scramble(Math.imul(x | 0, factorX) ^ Math.imul(y | 0, factorY));
}

function scramble(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296;
}

/** Smooth noise in [0, 1): lattice values joined by cubic easing, one bump per unit. */
export function valueNoise(x: number, y: number): number {
  const left = Math.floor(x);
  const bottom = Math.floor(y);
  let fx = x - left;
  let fy = y - bottom;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const x0 = Math.imul(left | 0, factorX);
  const x1 = Math.imul((left + 1) | 0, factorX);
  const y0 = Math.imul(bottom | 0, factorY);
  const y1 = Math.imul((bottom + 1) | 0, factorY);
  const a = scramble(x0 ^ y0);
  const b = scramble(x1 ^ y0);
  const c = scramble(x0 ^ y1);
  const d = scramble(x1 ^ y1);
  return a + (b - a) * fx + (c - a + (a - b - c + d) * fx) * fy;
}
