import { createReadStream } from "node:fs";
import Papa from "papaparse";
import { DataFormatError } from "../data-format-error.ts";
import { asFormatError } from "../file-errors.ts";

const chunkBytes = 1 << 20;
/** In UTF-16 code units; a longer one is a quote that was never closed, or no CSV file. */
const longestRecord = 4 << 20;

/** Records that follow one another in a file. */
export interface CsvBlock {
  readonly records: readonly (readonly string[])[];
  /** False where no field can hold a line break. */
  readonly hasQuotes: boolean;
}

/** A part of a file that starts with a record, and the line it starts on. */
interface Piece {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/**
 * Streams the records of a CSV file in blocks of about a megabyte. Lines end in LF or CRLF (which inside
 * quotes becomes LF); a blank line is a record of one empty field.
 *
 * Papa Parse splits each block. It lets stray quotes pass, so their places are checked here.
 *
 * @throws DataFormatError if the file is missing or unreadable, or if quotes do not stand around whole
 * fields.
 */
export async function* readCsvBlocks(file: string): AsyncGenerator<CsvBlock> {
  let line = 1;
  let rest = "";
  for await (const chunk of readChunks(file)) {
    const text = rest + chunk;
    const piece = { file, line, text };
    const { end, open } = findRecords(piece);
    if (text.length - end > longestRecord) throw open < 0 ? tooLong(piece, end) : badQuote(piece, open);
    rest = text.slice(end);
    if (end === 0) continue;
    const block = text.slice(0, end);
    const records = parseRecords(block);
    records.pop();
    yield { records, hasQuotes: block.includes('"') };
    line += countLineBreaks(block, block.length);
  }
  if (rest === "") return;
  const piece = { file, line, text: rest };
  const { open } = findRecords(piece);
  if (open >= 0) throw badQuote(piece, open);
  yield { records: parseRecords(rest), hasQuotes: rest.includes('"') };
}

/** The number of line breaks before a place of a text. */
export function countLineBreaks(text: string, before: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < before; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** The text of a file without byte order mark and carriage returns before line feeds. */
async function* readChunks(file: string): AsyncGenerator<string> {
  const source = createReadStream(file, { encoding: "utf8", highWaterMark: chunkBytes });
  let heldBack = "";
  let isFirst = true;
  try {
    for await (const chunk of source as AsyncIterable<string>) {
      const text = heldBack + (isFirst ? chunk.replace(/^\ufeff/, "") : chunk);
      isFirst = false;
      heldBack = text.endsWith("\r") ? "\r" : "";
      const whole = text.slice(0, text.length - heldBack.length);
      yield whole.includes("\r") ? whole.replaceAll("\r\n", "\n") : whole;
    }
  } catch (error) {
    throw asFormatError(file, error);
  }
}

function parseRecords(text: string): string[][] {
  return Papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data;
}

/**
 * Where the last complete record of a text ends (0 if none does), and where a quote opens that the text
 * does not close (-1 if none does).
 */
function findRecords(piece: Piece): { end: number; open: number } {
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
    if (close < 0) return { end, open };
    start = close + 1;
    if (start < text.length && !isBoundary(text[start])) throw badQuote(piece, open);
  }
}

function isBoundary(character: string): boolean {
  return character === "," || character === "\n";
}

/** Doubled quotes stand for one quote of the field. */
function findClosingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function badQuote({ file, line, text }: Piece, at: number): DataFormatError {
  const detail = "expected balanced double quotes around fields only";
  return new DataFormatError("bad-quote", file, line + countLineBreaks(text, at), detail);
}

function tooLong({ file, line, text }: Piece, at: number): DataFormatError {
  const detail = `expected rows of at most ${longestRecord} characters, got a longer one`;
  return new DataFormatError("unreadable-file", file, line + countLineBreaks(text, at), detail);
}
