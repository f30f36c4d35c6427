const unknown = 0;
const present = 1;
const removed = 2;

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

  /** Takes ids for removed that were never seen in, as after loading. */
  insertRemoved(ids: Int32Array, end: number): void {
    if (end > this.#end) this.#growTo(end);
    for (const id of ids) {
      if (this.#states[id] === unknown) this.#states[id] = removed;
    }
  }

  /** All ids in the index, ascending. */
  ids(): Int32Array {
    return this.#idsOf(present, this.#count);
  }

  /** All ids that were removed and not added again, ascending. */
  removedIds(): Int32Array {
    let count = 0;
    for (let id = 0; id < this.#end; id++) if (this.#states[id] === removed) count += 1;
    return this.#idsOf(removed, count);
  }

  #idsOf(state: number, count: number): Int32Array {
    const ids = new Int32Array(count);
    let at = 0;
    for (let id = 0; id < this.#end; id++) if (this.#states[id] === state) ids[at++] = id;
    return ids;
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
