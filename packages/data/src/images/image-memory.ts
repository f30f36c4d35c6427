/** Arrays of the images of batches that nobody reads any more; of too many, the latest. */
export class ImageMemory {
  readonly #most: number;
  readonly #free: Float32Array[] = [];

  /** @param most - Arrays that are kept; lengths that are never asked for again would otherwise pile up. */
  constructor(most: number) {
    this.#most = most;
  }

  /** An array of this length and of any content; `undefined` if none is free. */
  take(length: number): Float32Array | undefined {
    const index = this.#free.findLastIndex((array) => array.length === length);
    return index === -1 ? undefined : this.#free.splice(index, 1)[0];
  }

  /** Hands over an array that nobody reads any more. */
  giveBack(array: Float32Array): void {
    // It is empty if its reader has sent it away.
    if (array.length === 0) return;
    this.#free.push(array);
    if (this.#free.length > this.#most) this.#free.shift();
  }
}
