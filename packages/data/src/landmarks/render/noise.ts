/** A pseudo-random number in [0, 1) of a lattice point. */
export function latticeNoise(x: number, y: number): number {
  let hash = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
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
  const a = latticeNoise(left, bottom);
  const b = latticeNoise(left + 1, bottom);
  const c = latticeNoise(left, bottom + 1);
  const d = latticeNoise(left + 1, bottom + 1);
  return a + (b - a) * fx + (c - a + (a - b - c + d) * fx) * fy;
}

/** Value noise of three octaves, in [0, 1). */
export function fractalNoise(x: number, y: number): number {
  return (
    0.57 * valueNoise(x, y) +
    0.29 * valueNoise(2.03 * x + 17.1, 2.03 * y + 5.7) +
    0.14 * valueNoise(4.11 * x + 3.3, 4.11 * y + 41.9)
  );
}
