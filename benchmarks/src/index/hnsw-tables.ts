import type { Summary } from "../measure/interleave.ts";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import { runLine } from "./run-line.ts";

/** A graph and its search; milliseconds. */
export interface HnswRow {
  readonly name: string;
  readonly dtype: string;
  readonly threads: number;
  readonly build: Summary;
  /** The longest time between two turns of a timer of 5 ms during any build; nothing of sides in other processes. */
  readonly stall: number | null;
  /** The fewest candidates tried that reach the recall, or the most where none does. */
  readonly ef: number;
  readonly recall: number;
  /** Of all queries. */
  readonly search: Summary;
}

/** What the benchmark of HNSW found of one width of vectors. */
export interface HnswResults {
  readonly rows: number;
  readonly columns: number;
  readonly queries: number;
  readonly k: number;
  readonly m: number;
  readonly efConstruction: number;
  /** Recall that searches were to reach. */
  readonly least: number;
  readonly builds: number;
  readonly sides: readonly HnswRow[];
}

/** A result of the benchmark of HNSW. */
export type HnswReport = Report<readonly HnswResults[]>;

/** The tables of a result, as Markdown. */
export function hnswTables(report: HnswReport): string {
  return [
    runLine(report),
    ...report.results.map(tableOf),
    ...report.failures.map((one) => `Short of the aim: ${one}.`),
  ].join("\n\n");
}

function tableOf({
  rows,
  columns,
  queries,
  k,
  m,
  efConstruction,
  least,
  builds,
  sides,
}: HnswResults): string {
  return table(
    `### HNSW, ${rows.toLocaleString("en")} × ${columns}, M ${m}, efConstruction ${efConstruction}`,
    ["side", "numbers", "threads", "vectors/s built", "longest stall", "ef", `recall@${k}`, "queries/s"],
    sides.map(({ name, dtype, threads, build, stall, ef, recall, search }) => [
      name,
      dtype,
      String(threads),
      ((1000 * rows) / build.median).toFixed(0),
      stall === null ? "–" : `${stall.toFixed(0)} ms`,
      String(ef),
      recall < least ? `${recall.toFixed(4)}, below ${least}` : recall.toFixed(4),
      ((1000 * queries) / search.median).toFixed(0),
    ]),
    `Builds: medians of ${builds}. ef is the first of those tried that reaches a recall of ${least}. Stall: the longest time between two turns of a timer of 5 ms in the calling process during a build.`,
  );
}
