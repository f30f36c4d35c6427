// Papa Parse splits the blocks. It lets stray quotes pass and knows no lines, so both are seen to here.
import Papa from "papaparse";
import { FileFormatError } from "./file-format-error.ts";

/** In UTF-16 code units; a longer one is a quote that was never closed, or no CSV file. */
const longestRecord = 4 << 20;

/** Records that follow one another in a file. */
export interface CsvBlock {
  readonly records: readonly (readonly string[])[];
  /** Line that the first record starts on, from 1. */
  readonly line: number;
  /** False where no field can hold a line break. */
  readonly hasQuotes: boolean;
}

/** A part of a file that starts with a record, and the line it starts on. */
interface Piece {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** The records of a CSV file with LF line ends, in blocks; a blank line is a record of one empty field. */
export async function* readCsvBlocks(chunks: AsyncIterable<string>, file: string): AsyncGenerator<CsvBlock> {
  let line = 1;
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk;
    const piece = { file, line, text };
    const { end, open } = findRecords(piece);
    if (text.length - end > longestRecord) throw open < 0 ? tooLong(piece, end) : badQuote(piece, open);
    rest = text.slice(end);
    if (end === 0) continue;
    const block = text.slice(0, end);
    const records = parseRecords(block.slice(0, -1));
    yield { records, line, hasQuotes: block.includes('"') };
    line += countLineBreaks(block, block.length);
  }
  if (rest === "") return;
  const piece = { file, line, text: rest };
  const { open } = findRecords(piece);
  if (open >= 0) throw badQuote(piece, open);
  yield { records: parseRecords(rest), line, hasQuotes: rest.includes('"') };
}

/** The number of line breaks before a place of a text. */
export function countLineBreaks(text: string, before: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < before; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function parseRecords(text: string): string[][] {
  if (text === "") return [[""]];
  return Papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data;
}

/**
 * Where the last complete record of a text ends (0 if none does), and where a quote opens that the text does not
 * close (-1 if none does).
 */
function findRecords(piece: Piece): { readonly end: number; readonly open: number } {
  const { text } = piece;
  let end = 0;
  let start = 0;
  for (;;) {
    const open = text.indexOf('"', start);
    const lineBreak = text.lastIndexOf("\n", open < 0 ? text.length : open);
    if (lineBreak >= start) end = lineBreak + 1;
    if (open < 0) return { end, open };
    if (open > 0 && !isBoundary(text[open - 1])) throw badQuote(piece, open);
    const close = findClosingQuote(text, open);
    // A quote at the very end may be the first half of a doubled one.
    if (close < 0 || close === text.length - 1) return { end, open: close < 0 ? open : -1 };
    start = close + 1;
    if (!isBoundary(text[start])) throw badQuote(piece, open);
  }
}

function isBoundary(character: string | undefined): boolean {
  return character === "," || character === "\n";
}

/** Doubled quotes stand for one quote of the field. */
function findClosingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function badQuote({ file, line, text }: Piece, at: number): FileFormatError {
  return new FileFormatError({
    code: "bad-quote",
    file,
    line: line + countLineBreaks(text, at),
    field: "",
    expected: "double quotes to stand around whole fields",
    got: "a stray or open one",
  });
}

function tooLong({ file, line, text }: Piece, at: number): FileFormatError {
  return new FileFormatError({
    code: "unreadable-file",
    file,
    line: line + countLineBreaks(text, at),
    field: "",
    expected: `rows of at most ${longestRecord} characters`,
    got: "a longer one",
  });
}
