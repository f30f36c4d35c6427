import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import { runLine } from "./run-line.ts";

/** What the benchmark of the graph of neighbors found; milliseconds. */
export interface GraphResults {
  readonly rows: number;
  readonly columns: number;
  readonly k: number;
  /** Rows whose neighbors were compared with the true ones. */
  readonly sampled: number;
  /** Whether two engines of lmk give other ids. */
  readonly enginesDiffer: boolean;
  readonly sides: readonly {
    readonly name: string;
    readonly median: number;
    readonly min: number;
    readonly max: number;
    readonly ofFaiss: number | null;
    readonly recall: number;
  }[];
}

/** A result of the benchmark of the graph of neighbors. */
export type GraphReport = Report<GraphResults>;

/** The table of a result, as Markdown. */
export function graphTables(report: GraphReport): string {
  const { rows, columns, k, sampled, sides } = report.results;
  // Of all ordered pairs, however many of them a side computes.
  const flops = 2 * rows * rows * columns;
  return [
    runLine(report),
    table(
      `### Graph of neighbors, ${rows.toLocaleString("en")} × ${columns}, k ${k}`,
      ["side", "s", "rows/s", "GFLOP/s of all pairs", "of faiss's speed", `recall@${k}`],
      sides.map(({ name, median, ofFaiss, recall }) => [
        name,
        (median / 1000).toFixed(2),
        ((1000 * rows) / median).toFixed(0),
        (flops / (median * 1e6)).toFixed(1),
        ofFaiss === null ? "–" : ofFaiss.toFixed(2),
        recall.toFixed(5),
      ]),
      `Recall is that of ${sampled} rows. lmk computes each pair of rows once, for both.`,
    ),
    ...report.failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}
