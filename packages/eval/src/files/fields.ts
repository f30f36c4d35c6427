import type { Usage } from "../challenge/answers.ts";
import { FileFormatError, type FileFormatErrorCode, shown } from "./file-format-error.ts";
import type { TableRow } from "./table.ts";

const integer = /^[+-]?\d+$/;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The words of a field that single spaces separate, one more space at its end allowed. */
export function splitWords(field: string): string[] {
  if (field === "") return [];
  const words = field.split(" ");
  if (words.at(-1) === "") words.pop();
  return words;
}

/** An id: at least one character, none of them blank. */
export function requireId(row: TableRow, field: string, id: string): string {
  if (id !== "" && !/\s/.test(id)) return id;
  throw problem(row, "bad-id", field, "an id without blanks", id);
}

/** Ids separated by single spaces. */
export function requireIds(row: TableRow, field: string, text: string): string[] {
  const ids = splitWords(text);
  for (const id of ids) {
    if (id === "" || /\s/.test(id)) {
      throw problem(row, "bad-id", field, "ids separated by single spaces", text);
    }
  }
  return ids;
}

export function requireUsage(row: TableRow, text: string): Usage {
  if (text === "Public" || text === "Private" || text === "Ignored") return text;
  throw problem(row, "bad-usage", "Usage", "Public, Private or Ignored", text);
}

/** A landmark: a whole number that a double holds exactly. */
export function requireLabel(row: TableRow, field: string, text: string): number {
  const label = Number(text);
  if (integer.test(text) && Number.isSafeInteger(label)) return label + 0;
  throw problem(row, "bad-label", field, "whole numbers as classes", text);
}

export function requireScore(row: TableRow, field: string, text: string): number {
  const score = Number(text);
  if (decimal.test(text) && Number.isFinite(score)) return score;
  throw problem(row, "bad-score", field, "a class and a finite score", text);
}

export function problem(
  { file, line }: TableRow,
  code: FileFormatErrorCode,
  field: string,
  expected: string,
  got: string,
): FileFormatError {
  return new FileFormatError({ code, file, line, field, expected, got: shown(got) });
}

/** Refuses ids that come again, with the line of the first. */
export function createIdCheck(): (row: TableRow, id: string) => void {
  const lines = new Map<string, number>();
  return (row, id) => {
    const earlier = lines.get(id);
    if (earlier !== undefined) {
      const { file, line } = row;
      const got = `${shown(id)} again after line ${earlier}`;
      throw new FileFormatError({
        code: "repeated-id",
        file,
        line,
        field: "id",
        expected: "there once",
        got,
      });
    }
    lines.set(id, row.line);
  };
}

/**
 * Gives one copy of each distinct string.
 *
 * A string cut out of a block of text keeps the whole block in memory; a copy does not.
 */
export function createInterner(): (text: string) => string {
  const copies = new Map<string, string>();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return (text) => {
    const known = copies.get(text);
    if (known !== undefined) return known;
    const decoded = decoder.decode(encoder.encode(text));
    // Half a surrogate pair has no bytes of its own.
    const copy = decoded === text ? decoded : text;
    copies.set(copy, copy);
    return copy;
  };
}
