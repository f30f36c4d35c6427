/** A growing column of 32-bit integers. */
export class Int32List {
  #values: Int32Array;
  #length = 0;

  /** @param capacity - How many values it holds before it grows, at least 1. */
  constructor(capacity = 1024) {
    this.#values = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** The value of a row that there is. */
  at(row: number): number {
    return this.#values[row];
  }

  /** The values, in an array of their own length; the list is empty then, and holds no memory. */
  takeArray(): Int32Array {
    const values = this.toArray();
    this.#values = new Int32Array(1);
    this.#length = 0;
    return values;
  }

  /** The values, in an array of their own length. */
  toArray(): Int32Array {
    return this.#values.slice(0, this.#length);
  }
}
