import type { LanceIndexOptions } from "@lmk/index/lancedb";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { LanceBuild, LanceSetting } from "./lancedb-processes.ts";
import { runLine } from "./run-line.ts";

/** A search of a table; milliseconds. */
export interface LanceSearchRow {
  readonly setting: LanceSetting;
  readonly recall: number;
  /** Asked together in one run. */
  readonly queries: number;
  /** Of a run. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of one query by itself. */
  readonly latency: number;
  /** Of twenty queries, one takes longer. */
  readonly p95: number;
}

/** A table, its index and its searches. */
export interface LanceRow extends LanceBuild {
  readonly index: LanceIndexOptions;
  /** Resident before the searches, and at most. */
  readonly loaded: number;
  readonly searchPeak: number;
  readonly searches: readonly LanceSearchRow[];
}

/** What the benchmark of LanceDB found. */
export interface LanceResults {
  readonly rows: number;
  readonly columns: number;
  readonly queries: number;
  readonly k: number;
  /** Queries whose neighbors were compared with the true ones. */
  readonly sampled: number;
  readonly tables: readonly LanceRow[];
}

/** A result of the benchmark of LanceDB. */
export type LanceReport = Report<LanceResults>;

/** The tables of a result, as Markdown. */
export function lancedbTables(report: LanceReport): string {
  const { rows, columns, queries, k, sampled, tables } = report.results;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  return [
    runLine(report),
    table(
      `### LanceDB, ${rows.toLocaleString("en")} × ${columns} on disk`,
      [
        "index",
        "rows written",
        "index built",
        "rows on disk",
        "index on disk",
        "peak while writing",
        "peak of all",
      ],
      tables.map(({ index, write, train, rowBytes, allBytes, writePeak, peak }) => [
        nameOf(index),
        seconds(write),
        seconds(train),
        mebibytes(rowBytes),
        mebibytes(allBytes - rowBytes),
        mebibytes(writePeak),
        mebibytes(peak),
      ]),
      "Rows are made block by block and never all in memory; making them is not counted. Resident memory of a process of its own.",
    ),
    ...tables.map(({ index, loaded, searchPeak, searches }) =>
      table(
        `#### Searches with ${nameOf(index)}, k ${k}`,
        ["search", `recall@${k}`, "queries/s", "one query", "95% of queries"],
        searches.map(({ setting, recall, queries: asked, median, latency, p95 }) => [
          settingName(setting),
          recall.toFixed(4),
          ((1000 * asked) / median).toFixed(0),
          `${latency.toFixed(1)} ms`,
          `${p95.toFixed(1)} ms`,
        ]),
        `Resident memory at most ${mebibytes(searchPeak)}, ${mebibytes(loaded)} before the searches. ${queries} queries together (${sampled} where exact), four at a time, and each by itself; recall of ${sampled}.`,
      ),
    ),
    ...report.failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}

function nameOf({ kind, ...options }: LanceIndexOptions): string {
  return [kind, ...Object.entries(options).map(([name, value]) => `${name} ${value}`)].join(", ");
}

function settingName({ exact, ...options }: LanceSetting): string {
  if (exact) return "exact, without the index";
  return Object.entries(options)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
