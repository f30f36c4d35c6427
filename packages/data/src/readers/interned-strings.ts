import { detached } from "./csv.ts";
import { Int32List } from "./int32-list.ts";

/** A column of strings in which few values come often: row `i` is `values[codes[i]]`. */
export interface InternedStrings {
  /** The values, each once, in order of first appearance. */
  readonly values: readonly string[];
  /** For each row its place in `values`. */
  readonly codes: Int32Array;
}

/** Collects a column of {@link InternedStrings}. */
export class Interner {
  readonly #places = new Map<string, number>();
  readonly #codes = new Int32List();

  /** Appends a row. */
  push(value: string): void {
    const place = this.#places.get(value);
    this.#codes.push(place ?? this.#places.size);
    if (place === undefined) this.#places.set(detached(value), this.#places.size);
  }

  toColumn(): InternedStrings {
    return { values: [...this.#places.keys()], codes: this.#codes.toArray() };
  }
}
