import type { FoundLists } from "./found-lists.ts";
import type { KernelMemory } from "./kernels.ts";

/** The lists of a search in the memory of the kernels. */
export class KernelLists {
  readonly #memory: KernelMemory;
  #k = 0;
  #count = 0;
  #ids = 0;
  #scores = 0;
  #sizes = 0;
  #floors = 0;
  #sharedFloors: Float32Array | undefined;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  /**
   * Begins `count` empty lists.
   *
   * @param excluded - For each list an id that must not enter it.
   * @param floors - Shared by threads: for each list a score that its k best reach.
   */
  begin(count: number, k: number, excluded: Int32Array | undefined, floors: Float32Array | undefined): void {
    const memory = this.#memory;
    this.#k = k;
    this.#count = count;
    this.#ids = memory.allocate(4 * count * k);
    this.#scores = memory.allocate(4 * count * k);
    this.#sizes = memory.allocate(4 * count);
    this.#floors = memory.allocate(4 * count);
    this.#sharedFloors = floors;
    const excludedAt = excluded === undefined ? 0 : memory.allocate(4 * count);
    memory.integers(this.#ids, count * k).fill(-1);
    memory.floats(this.#scores, count * k).fill(-Infinity);
    memory.integers(this.#sizes, count).fill(0);
    memory.floats(this.#floors, count).fill(-Infinity);
    if (excluded !== undefined) memory.integers(excludedAt, count).set(excluded);
    memory.kernels.setLists(k, this.#ids, this.#scores, this.#sizes, excludedAt, this.#floors);
  }

  /** Learns what the other threads have found for the lists from `first`. */
  takeFloors(first: number, count: number): void {
    if (this.#sharedFloors === undefined) return;
    const floors = this.#memory.floats(this.#floors, this.#count);
    floors.set(this.#sharedFloors.subarray(first, first + count), first);
  }

  /** Tells them. Two threads may write at once; whichever score stays is one that k rows reach. */
  giveFloors(first: number, count: number): void {
    const shared = this.#sharedFloors;
    if (shared === undefined) return;
    const sizes = this.#memory.integers(this.#sizes, this.#count);
    const scores = this.#memory.floats(this.#scores, this.#count * this.#k);
    for (let list = first; list < first + count; list++) {
      const worst = scores[list * this.#k]!;
      if (sizes[list] === this.#k && worst > shared[list]!) shared[list] = worst;
    }
  }

  /** The lists from best to worst. */
  finish(): FoundLists {
    this.#memory.kernels.sortLists(this.#count);
    const ids = this.#memory.integers(this.#ids, this.#count * this.#k).slice();
    const scores = this.#memory.floats(this.#scores, this.#count * this.#k).slice();
    return { ids, scores };
  }
}
