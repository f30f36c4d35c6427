import { hexDigits, type Names } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";

/** Folder, 16 hexadecimal digits in two halves, ending. */
const hexPath = /^((?:.*\/)?)([0-9a-f]{8})([0-9a-f]{8})(\.[^./]*)?$/s;

/**
 * A column of paths. A path that ends in an id of 16 hexadecimal digits is kept as 8 bytes and the number
 * of its folder, others whole; rows may repeat.
 */
export class PathColumn implements Names {
  readonly #high = new Int32List();
  readonly #low = new Int32List();
  readonly #frames = new Int32List();
  /** What stands before and after the id; for a path without id, the whole path before it. */
  readonly #frameTable: { readonly before: string; readonly after: string; readonly hasId: boolean }[] = [];
  readonly #frameOf = new Map<string, number>();

  get length(): number {
    return this.#frames.length;
  }

  push(path: string): void {
    const [, before = path, high, low, after = ""] = hexPath.exec(path) ?? [];
    const hasId = high !== undefined;
    this.#high.push(hasId ? Number.parseInt(high, 16) | 0 : 0);
    this.#low.push(hasId ? Number.parseInt(low, 16) | 0 : 0);
    const key = hasId ? `id ${before}${after}` : `no id ${path}`;
    let frame = this.#frameOf.get(key);
    if (frame === undefined) {
      frame = this.#frameTable.length;
      this.#frameTable.push({ before, after, hasId });
      this.#frameOf.set(key, frame);
    }
    this.#frames.push(frame);
  }

  at(row: number): string {
    const { before, after, hasId } = this.#frameTable[this.#frames.at(row)];
    return hasId ? before + this.#digitsAt(row) + after : before;
  }

  /** The id of a row: its 16 digits, or the name of its file without the ending. */
  idAt(row: number): string {
    const { before, hasId } = this.#frameTable[this.#frames.at(row)];
    return hasId ? this.#digitsAt(row) : before.replace(/^.*\//s, "").replace(/(.)\.[^.]*$/s, "$1");
  }

  #digitsAt(row: number): string {
    return hexDigits(this.#high.at(row)) + hexDigits(this.#low.at(row));
  }
}
