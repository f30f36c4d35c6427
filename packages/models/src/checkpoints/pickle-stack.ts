import type { Malformed } from "./pickle-reader.ts";
import type { PickleValue } from "./pickle-values.ts";

/** An unpickler's stack; values below the last mark cannot be reached until it is taken. */
export class PickleStack {
  #values: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #malformed: Malformed;

  constructor(malformed: Malformed) {
    this.#malformed = malformed;
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  pop(): PickleValue {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#values.length <= floor) throw this.#malformed("a value on the stack", "none");
    return this.#values.pop()!;
  }

  top(): PickleValue {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#values.length <= floor) throw this.#malformed("a value on the stack", "none");
    return this.#values.at(-1)!;
  }

  popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#malformed("a mark on the stack", "none");
    return this.#values.splice(mark);
  }

  popMany(count: number): PickleValue[] {
    const values = [];
    for (let i = 0; i < count; i++) values.push(this.pop());
    return values.reverse();
  }

  /** Takes the last value, or the mark where that is last. */
  drop(): void {
    if (this.#marks.at(-1) === this.#values.length) this.#marks.pop();
    else this.pop();
  }
}
