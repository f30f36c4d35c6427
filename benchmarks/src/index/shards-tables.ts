import type { Summary } from "../measure/interleave.ts";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import { runLine } from "./run-line.ts";

/** What the benchmark of shards found; times are milliseconds. */
export interface ShardsResults {
  readonly rows: number;
  readonly columns: number;
  readonly queries: number;
  readonly k: number;
  readonly count: number;
  /** Whether the merged shards had the bits of the one search in every round. */
  readonly equal: boolean;
  /** One process, from before its start to its end. */
  readonly whole: Summary;
  /** Of it, reading rows, searching them and writing the result. */
  readonly wholeSearching: Summary;
  /** All processes of the shards. */
  readonly shards: Summary;
  /** Of it, reading rows, searching them and writing the result: of all processes, over those that run at a time. */
  readonly shardsSearching: Summary;
  readonly merge: Summary;
  readonly rerun: {
    /** Processes that were killed. */
    readonly signals: number;
    /** What merging said then. */
    readonly refusal: string;
    /** All processes once more. */
    readonly milliseconds: number;
    /** The shards that were searched then; the others were there. */
    readonly searched: readonly number[];
    readonly equal: boolean;
  };
}

/** A result of the benchmark of shards. */
export type ShardsReport = Report<ShardsResults>;

/** The table of a result, as Markdown. */
export function shardsTables(report: ShardsReport): string {
  const { rows, columns, queries, k, count, equal, merge, rerun } = report.results;
  const { whole, wholeSearching, shards, shardsSearching } = report.results;
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
  const bits = (same: boolean) => (same ? "yes" : "no");
  const { threads } = report;
  return [
    runLine(report),
    table(
      `### Search of ${queries.toLocaleString("en")} queries in ${rows.toLocaleString("en")} × ${columns}, k ${k}, in ${count} shards`,
      ["side", "s", "of it searching", "s, merge", "bits of one search"],
      [
        [`one process, ${threads} threads`, seconds(whole.median), seconds(wholeSearching.median), "–", "–"],
        [
          `${count} processes of 1 thread, ${threads} at a time`,
          seconds(shards.median),
          seconds(shardsSearching.median),
          seconds(merge.median),
          bits(equal),
        ],
        [
          `all run again after ${rerun.signals} was killed, once`,
          seconds(rerun.milliseconds),
          "–",
          "–",
          bits(rerun.equal),
        ],
      ],
      `Seconds from before a process is started to its end, with Node's start and compiling TypeScript; rows are read from a file that the system has in its cache. After a process was killed in the middle, merging said "${rerun.refusal}"; run again, shard ${rerun.searched.join(", ")} was searched and the others were checked and skipped.`,
    ),
    ...report.failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}
