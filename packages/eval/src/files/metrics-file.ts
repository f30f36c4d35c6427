// The layout is what NumPy prints for arrays of up to about ten ranks; its exponents for arrays whose values lie
// more than a thousandfold apart are read but not written.
import { FileFormatError, shown } from "./file-format-error.ts";
import { type FileSource, nameOf, type ReadFileOptions, readText } from "./file-source.ts";

/** The means of one protocol of the revisited benchmarks, from 0 to 1. */
export interface ProtocolMetrics {
  /** Mean average precision. */
  readonly meanAveragePrecision: number;
  /** Mean precision at each rank. */
  readonly meanPrecisions: ArrayLike<number>;
  /** Mean recall at each rank. */
  readonly meanRecalls: ArrayLike<number>;
}

/** What a `metrics.txt` of the revisited benchmarks holds. */
export interface RevisitedMetrics {
  /** The ranks of the precisions and recalls, such as 1, 5 and 10. */
  readonly ranks: readonly number[];
  /** The means by protocol, such as `easy`, `medium` and `hard`. */
  readonly protocols: Readonly<Record<string, ProtocolMetrics>>;
}

/**
 * Writes metrics of the revisited Oxford and Paris benchmarks as DELF's `metrics.txt`: four lines per protocol,
 * protocols by name, values in percent, rounded to two decimals with halves to even.
 *
 * @param metrics - The ranks and the means of each protocol.
 * @returns The text of the file.
 * @throws RangeError if a protocol has more or fewer precisions or recalls than there are ranks, or an empty name
 * or one with a line break.
 *
 * @example
 * ```ts
 * import { writeMetricsFile } from "@lmk/eval/files";
 *
 * const medium = { meanAveragePrecision: 0.604167, meanPrecisions: [0.5, 2 / 3], meanRecalls: [0.25, 1] };
 * const text = writeMetricsFile({ ranks: [1, 10], protocols: { medium } });
 * console.log(text.split("\n")[1]); // =>   mAP=60.42
 * console.log(text.split("\n")[2]); // =>   mP@k[ 1 10] [50.   66.67]
 * ```
 */
export function writeMetricsFile(metrics: RevisitedMetrics): string {
  const { ranks, protocols } = metrics;
  const names = Object.keys(protocols).sort();
  return names.map((name) => writeProtocol(name, ranks, protocols[name]!)).join("");
}

function writeProtocol(name: string, ranks: readonly number[], metrics: ProtocolMetrics): string {
  if (name.trim() === "" || name.includes("\n")) {
    throw new RangeError(
      `writeMetricsFile: expected names of protocols to be one line, got ${JSON.stringify(name)}`,
    );
  }
  const { meanAveragePrecision, meanPrecisions, meanRecalls } = metrics;
  for (const [what, { length }] of Object.entries({ meanPrecisions, meanRecalls })) {
    if (length === ranks.length) continue;
    throw new RangeError(
      `writeMetricsFile: expected \`${what}\` of ${name} to have ${ranks.length} values, one per rank, got ${length}`,
    );
  }
  const ranksText = alignNumbers(ranks.map(String));
  const lines = [
    name,
    `  mAP=${percent(meanAveragePrecision)}`,
    `  mP@k${ranksText} ${alignNumbers(Array.from(meanPrecisions, arrayPercent))}`,
    `  mR@k${ranksText} ${alignNumbers(Array.from(meanRecalls, arrayPercent))}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A percentage as a scalar is printed: at least one decimal. */
function percent(value: number): string {
  const rounded = roundedPercent(value);
  if (Number.isNaN(rounded)) return "nan";
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** A percentage as within an array: a bare point where there are no decimals. */
function arrayPercent(value: number): string {
  const rounded = roundedPercent(value);
  if (Number.isNaN(rounded)) return "nan";
  return Number.isInteger(rounded) ? `${rounded}.` : String(rounded);
}

function roundedPercent(value: number): number {
  const scaled = value * 100 * 100;
  const below = Math.floor(scaled);
  const isHalf = scaled - below === 0.5;
  const rounded = isHalf ? below + (below % 2) : Math.round(scaled);
  return rounded / 100;
}

/** Numbers in brackets, their points below one another where lines are; a `nan` takes the room of a number. */
function alignNumbers(numbers: readonly string[]): string {
  const finite = numbers.filter((number) => number !== "nan");
  const wholeOf = (number: string): number => number.split(".")[0]!.length;
  const rest = Math.max(0, ...finite.map((number) => number.length - wholeOf(number)));
  const shortest = finite.length < numbers.length ? "nan".length - rest : 0;
  const whole = Math.max(shortest, ...finite.map(wholeOf));
  const aligned = numbers.map((number) => {
    if (number === "nan") return number.padStart(whole + rest);
    return (" ".repeat(whole - wholeOf(number)) + number).padEnd(whole + rest);
  });
  return `[${aligned.join(" ")}]`;
}

/**
 * Reads a `metrics.txt` as DELF and {@link writeMetricsFile} write it.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The ranks and the means of each protocol, from 0 to 1.
 * @throws FileFormatError with file and line if the number of lines is not a multiple of four, a line is malformed,
 * a protocol comes twice, or its ranks are not those of the first.
 *
 * @example
 * ```ts
 * import { readMetricsFile } from "@lmk/eval/files";
 *
 * const text = "hard\n  mAP=25.5\n  mP@k[ 1 10] [50.   12.25]\n  mR@k[ 1 10] [ 5. 75.]\n";
 * const { ranks, protocols } = await readMetricsFile(text);
 * console.log(ranks, protocols.hard?.meanAveragePrecision); // => [ 1, 10 ] 0.255
 * ```
 */
export async function readMetricsFile(
  source: FileSource,
  options: ReadFileOptions = {},
): Promise<RevisitedMetrics> {
  const file = nameOf(source, options);
  let text = "";
  for await (const chunk of readText(source, file)) {
    options.signal?.throwIfAborted();
    text += chunk;
  }
  const lines = text.trimEnd().split("\n");
  if (text.trim() === "" || lines.length % 4 !== 0) {
    const count = text.trim() === "" ? 0 : lines.length;
    throw badMetrics(file, 0, "four lines per protocol", `${count} lines`);
  }
  let ranks: readonly number[] = [];
  const protocols = new Map<string, ProtocolMetrics>();
  for (let at = 0; at < lines.length; at += 4) {
    const name = lines[at]!.trimEnd();
    if (name === "" || protocols.has(name)) {
      throw badMetrics(file, at + 1, "the name of a protocol that is not there yet", shown(name));
    }
    const precisions = readArrays(lines, at + 2, "mP@k", file);
    const recalls = readArrays(lines, at + 3, "mR@k", file);
    if (at === 0) ranks = precisions.ranks;
    requireSameRanks(ranks, precisions.ranks, file, at + 3);
    requireSameRanks(ranks, recalls.ranks, file, at + 4);
    protocols.set(name, {
      meanAveragePrecision: readMean(lines, at + 1, file),
      meanPrecisions: precisions.values,
      meanRecalls: recalls.values,
    });
  }
  return { ranks, protocols: Object.fromEntries(protocols) };
}

function readMean(lines: readonly string[], at: number, file: string): number {
  const text = /^\s*mAP=(\S+)\s*$/.exec(lines[at]!)?.[1];
  const value = text === undefined ? undefined : parsePercent(text);
  if (value === undefined) throw badMetrics(file, at + 1, "mAP=<percent>", shown(lines[at]!));
  return value;
}

function readArrays(
  lines: readonly string[],
  at: number,
  prefix: string,
  file: string,
): { readonly ranks: readonly number[]; readonly values: readonly number[] } {
  const line = lines[at]!.trim();
  const parts = /^\[([\d ]*)\] \[([^[\]]*)\]$/.exec(line.startsWith(prefix) ? line.slice(prefix.length) : "");
  if (parts) {
    const ranks = wordsOf(parts[1]!).map(Number);
    const values = wordsOf(parts[2]!).map(parsePercent);
    const isComplete = values.length === ranks.length && ranks.every((rank) => rank >= 1);
    if (isComplete && values.every((value) => value !== undefined)) return { ranks, values };
  }
  throw badMetrics(file, at + 1, `${prefix}[<ranks>] [<a percentage for each>]`, shown(line));
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function parsePercent(text: string): number | undefined {
  if (text === "nan") return Number.NaN;
  return /^-?\d+\.?\d*(?:e[+-]?\d+)?$/.test(text) ? Number(text) / 100 : undefined;
}

function requireSameRanks(
  ranks: readonly number[],
  others: readonly number[],
  file: string,
  line: number,
): void {
  if (ranks.join() === others.join()) return;
  throw badMetrics(file, line, `the ranks ${ranks.join(" ")} as before`, others.join(" "));
}

function badMetrics(file: string, line: number, expected: string, got: string): FileFormatError {
  return new FileFormatError({ code: "bad-metrics", file, line, field: "", expected, got });
}
