/**
 * The Mersenne Twister as NumPy's `RandomState` seeds and uses it, so that folds and splits come out as
 * scikit-learn draws them.
 *
 * @see {@link https://doi.org/10.1145/272991.272995 | Matsumoto and Nishimura 1998, Mersenne Twister}
 */
export class Mt19937 {
  readonly #state = new Uint32Array(624);
  #at = 624;

  /** @param seed - An integer from 0 to 2³² - 1. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < 624; i++) {
      state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** An integer from 0 to 2³² - 1. */
  next(): number {
    if (this.#at === 624) this.#twist();
    let word = this.#state[this.#at];
    this.#at += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** An integer from 0 to `maximum`: words cut to its bits are drawn until one is small enough. */
  upTo(maximum: number): number {
    if (maximum === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(maximum);
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= maximum) return value;
    }
  }

  /** `RandomState.shuffle` of a one-dimensional array. */
  shuffle(values: Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.upTo(i);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < 624; i++) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
      state[i] = state[(i + 397) % 624] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}
