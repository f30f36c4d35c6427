import { DataFormatError } from "../data-format-error.ts";
import { describe, NumpyArray, type PickleValue } from "./pickle-values.ts";

/** The parts of a value that was read from a file, each checked and named in the error. */
export class ValueFields {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  refuse(expected: string, place: string, got: PickleValue | undefined): never {
    const detail = `expected ${expected} ${place}, got ${describe(got)}`;
    throw new DataFormatError("bad-value", this.#file, 0, detail);
  }

  dictionary(value: PickleValue | undefined, place: string): ReadonlyMap<PickleValue, PickleValue> {
    return value instanceof Map ? value : this.refuse("a dictionary", place, value);
  }

  list(value: PickleValue | undefined, place: string): readonly PickleValue[] {
    return Array.isArray(value) ? value : this.refuse("a list", place, value);
  }

  string(value: PickleValue | undefined, place: string): string {
    return typeof value === "string" ? value : this.refuse("a string", place, value);
  }

  /** True or False, or 1 or 0. */
  mark(value: PickleValue | undefined, place: string): boolean {
    if (value === 0 || value === 1) return value === 1;
    return typeof value === "boolean" ? value : this.refuse("True or False", place, value);
  }

  /** An integer from 0 to `maximum`. */
  integer(value: PickleValue | undefined, maximum: number, place: string): number {
    const isIn = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maximum;
    return isIn ? value : this.refuse(`an integer from 0 to ${maximum}`, place, value);
  }

  /** Strings of which none comes twice. */
  differentStrings(value: PickleValue | undefined, place: string): string[] {
    const strings = this.list(value, place).map((item) => this.string(item, place));
    const seen = new Set<string>();
    for (const item of strings) {
      if (seen.has(item)) this.refuse("each string once", place, item);
      seen.add(item);
    }
    return strings;
  }

  /** Numbers of a list or of a NumPy array of one axis. */
  numbers(value: PickleValue | undefined, place: string): number[] {
    const items =
      value instanceof NumpyArray && value.shape.length === 1
        ? Array.from<number | bigint, number>(value.data, Number)
        : this.list(value, place);
    return items.map((item) => {
      return typeof item === "number" && Number.isFinite(item) ? item : this.refuse("numbers", place, item);
    });
  }

  /** Integers from 0 to `length` - 1. */
  rows(value: PickleValue | undefined, length: number, place: string): Int32Array {
    return Int32Array.from(this.numbers(value, place), (row) => this.integer(row, length - 1, place));
  }
}
