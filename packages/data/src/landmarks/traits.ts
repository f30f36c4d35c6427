import { seedWords } from "./random.ts";

/** How a landmark is derived from another one: which seed it copies, and what share of the traits is its own. */
export interface Twin {
  readonly seed: string;
  readonly ownShare: number;
}

/**
 * The free parameters of one landmark, each drawn by name.
 *
 * A value depends on the seed and its name alone, never on the order of the draws, so an archetype can gain
 * a parameter without changing the others. A twin takes most of its values from the landmark it resembles.
 */
export class Traits {
  readonly #seed: string;
  readonly #twin: Twin | null;
  readonly #scope: string;

  constructor(seed: string, twin: Twin | null = null, scope = "") {
    this.#seed = seed;
    this.#twin = twin;
    this.#scope = scope;
  }

  /** The same traits under a prefix, for a part that occurs several times. */
  within(scope: string): Traits {
    return new Traits(this.#seed, this.#twin, `${this.#scope}${scope}.`);
  }

  /** In [0, 1). */
  unit(name: string): number {
    const key = this.#scope + name;
    if (this.#twin === null) return draw(this.#seed, key);
    const own = draw(this.#seed, `own ${key}`) < this.#twin.ownShare;
    return draw(own ? this.#seed : this.#twin.seed, key);
  }

  /** Uniform in [low, high). */
  range(name: string, low: number, high: number): number {
    return low + (high - low) * this.unit(name);
  }

  /** Uniform integer in [low, high], both included. */
  integer(name: string, low: number, high: number): number {
    return low + Math.floor(this.unit(name) * (high - low + 1));
  }

  /** True with the given probability. */
  chance(name: string, probability: number): boolean {
    return this.unit(name) < probability;
  }

  /** One item, all equally likely. */
  pick<Item>(name: string, items: readonly Item[]): Item {
    return items[Math.floor(this.unit(name) * items.length)]!;
  }
}

function draw(seed: string, key: string): number {
  return seedWords(seed, key)[0]! / 4294967296;
}
