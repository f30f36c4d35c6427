const present = 1;
const removed = 2;

/** Consecutive ids, from the first to the one before `end`. */
export type IdRange = readonly [first: number, end: number];

/** Which ids are in an index, and which were; one byte for every id up to the largest. */
export class IdTable {
  #states: Uint8Array = new Uint8Array(1024);
  #end = 0;
  #count = 0;

  /** The largest id there ever was, plus 1: the next row's id. */
  get end(): number {
    return this.#end;
  }

  /** How many ids are in the index. */
  get count(): number {
    return this.#count;
  }

  has(id: number): boolean {
    return this.#states[id] === present;
  }

  insert(ids: Int32Array): void {
    for (const id of ids) {
      if (id >= this.#end) this.#growTo(id + 1);
      if (this.#states[id] !== present) this.#count += 1;
      this.#states[id] = present;
    }
  }

  remove(ids: Int32Array): void {
    for (const id of ids) {
      if (this.#states[id] !== present) continue;
      this.#states[id] = removed;
      this.#count -= 1;
    }
  }

  /** Takes ids for removed, whether they are in or were never seen in, as after loading. */
  removeRanges(ranges: readonly IdRange[], end: number): void {
    if (end > this.#end) this.#growTo(end);
    for (const range of ranges) {
      for (let id = range[0]; id < range[1]; id++) {
        if (this.#states[id] === present) this.#count -= 1;
        this.#states[id] = removed;
      }
    }
  }

  /** All ids in the index, ascending. */
  ids(): Int32Array {
    const ids = new Int32Array(this.#count);
    let at = 0;
    for (let id = 0; id < this.#end; id++) if (this.#states[id] === present) ids[at++] = id;
    return ids;
  }

  /** All ids in the index, ascending. */
  presentRanges(): IdRange[] {
    return this.#rangesOf(present);
  }

  /** All ids that were removed and not added again, ascending. */
  removedRanges(): IdRange[] {
    return this.#rangesOf(removed);
  }

  #rangesOf(state: number): IdRange[] {
    const ranges: IdRange[] = [];
    for (let id = 0; id < this.#end; id++) {
      if (this.#states[id] !== state) continue;
      const first = id;
      while (id < this.#end && this.#states[id] === state) id++;
      ranges.push([first, id]);
    }
    return ranges;
  }

  #growTo(end: number): void {
    if (end > this.#states.length) {
      const states = new Uint8Array(Math.max(end, 2 * this.#states.length));
      states.set(this.#states);
      this.#states = states;
    }
    this.#end = end;
  }
}
