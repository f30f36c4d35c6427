/**
 * A stream of uniform numbers in [0, 1) that depends on nothing but the key, so that any batch, epoch
 * or row can be drawn again without drawing what came before it. The key is folded with MurmurHash3's
 * finalizer, the stream is mulberry32.
 */
export function createRandom(...key: readonly number[]): () => number {
  let state = 0x9e3779b9;
  for (const part of key) {
    state = scramble(state ^ (part | 0));
    state = scramble(state + (Math.floor(part / 0x100000000) | 0));
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  };
}

/** Puts the values into a random order, in place (Fisher and Yates). */
export function shuffleInPlace(values: Int32Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
}

function scramble(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
