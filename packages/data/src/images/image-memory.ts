/** Arrays for the images of batches; those that are given back serve again. */
export class ImageMemory {
  readonly #free = new Map<number, Float32Array[]>();

  /** An array of this length, of any content. */
  take(length: number): Float32Array {
    return this.#free.get(length)?.pop() ?? new Float32Array(length);
  }

  /** Hands over an array that nobody reads any more. */
  giveBack(array: Float32Array): void {
    const arrays = this.#free.get(array.length);
    if (arrays === undefined) this.#free.set(array.length, [array]);
    else arrays.push(array);
  }
}
