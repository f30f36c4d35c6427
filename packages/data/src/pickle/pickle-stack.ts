import type { Refuse, StackValue } from "./pickle-values.ts";

/** The values a pickle works on, and the marks from which it takes several at once. */
export class PickleStack {
  readonly #refuse: Refuse;
  readonly #values: StackValue[] = [];
  readonly #marks: number[] = [];

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  get length(): number {
    return this.#values.length;
  }

  /** The outermost value. */
  get bottom(): StackValue | undefined {
    return this.#values[0];
  }

  push(value: StackValue): void {
    this.#values.push(value);
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** The last value above the last mark. */
  top(): StackValue {
    if (this.#values.length > this.#least()) return this.#values[this.#values.length - 1];
    return this.#refuse("a value on the stack", "an empty stack");
  }

  popMany(count: number): StackValue[] {
    const start = this.#values.length - count;
    if (start >= this.#least()) return this.#values.splice(start, count);
    return this.#refuse(`${count} values on the stack`, String(this.#values.length - this.#least()));
  }

  /** The values above the last mark, which goes too. */
  popMark(): StackValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) return this.#refuse("a mark on the stack", "none");
    return this.#values.splice(mark);
  }

  /** The one value that is left at the end. */
  only(): StackValue {
    if (this.#values.length === 1 && this.#marks.length === 0) return this.#values[0];
    return this.#refuse("one value at the end of the pickle", String(this.#values.length));
  }

  #least(): number {
    return this.#marks.at(-1) ?? 0;
  }
}
