/** Arrays of the images of batches that nobody reads any more. */
export class ImageMemory {
  readonly #free = new Map<number, Float32Array[]>();

  /** An array of this length and of any content; `undefined` if none is free. */
  take(length: number): Float32Array | undefined {
    return this.#free.get(length)?.pop();
  }

  /** Hands over an array that nobody reads any more. */
  giveBack(array: Float32Array): void {
    // It is empty as well if its reader has sent it away.
    if (array.length === 0) return;
    const arrays = this.#free.get(array.length);
    if (arrays === undefined) this.#free.set(array.length, [array]);
    else arrays.push(array);
  }
}
