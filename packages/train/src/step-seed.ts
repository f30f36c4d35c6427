/** A 32-bit integer for each place of a run: the 32-bit finalizer of MurmurHash3 over seed and place. */
export function stepSeed(seed: number, place: number): number {
  const high = Math.floor(place / 2 ** 32) + 0x7f4a7c15;
  return mix(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ mix(place >>> 0) ^ mix(high));
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
