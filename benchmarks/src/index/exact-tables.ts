import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { Latency } from "./latency.ts";
import { runLine } from "./run-line.ts";

/** A side of exact search; milliseconds. */
export interface ExactRow {
  readonly name: string;
  readonly precision: string;
  readonly threads: number;
  /** The queries it searched for. */
  readonly queries: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Its speed over that of faiss's IndexFlatIP; nothing where that was not run. */
  readonly ofFaiss: number | null;
  /** The share of the true best k, by inner products of the float32 vectors in float64. */
  readonly recall: number;
}

/** What the benchmark of exact search found. */
export interface ExactResults {
  readonly queries: number;
  readonly rows: number;
  readonly columns: number;
  readonly k: number;
  readonly sides: readonly ExactRow[];
  /** Sides of ours whose results are not those of another of the same precision, to the last bit. */
  readonly differing: readonly string[];
  readonly singles: readonly Latency[];
}

/** A result of the benchmark of exact search. */
export type ExactReport = Report<ExactResults>;

/** Billions of multiplications and additions a second. */
export function gigaflops({ rows, columns }: ExactResults, { queries, median }: ExactRow): number {
  return (2 * queries * rows * columns) / (median * 1e6);
}

/** The tables of a result, as Markdown. */
export function exactTables(report: ExactReport): string {
  const { results, failures } = report;
  const { queries, rows, columns, k, differing } = results;
  const size = `${queries} × ${rows.toLocaleString("en")} × ${columns}, k ${k}`;
  const bits =
    differing.length === 0
      ? "All sides of lmk with the same numbers give the same ids and scores, to the last bit."
      : `Others in bits than the first of their precision: ${differing.join("; ")}.`;
  return [
    runLine(report),
    table(
      `### Exact search, ${size}`,
      ["side", "threads", "queries", "s", "queries/s", "GFLOP/s", "of IndexFlatIP's speed", `recall@${k}`],
      results.sides.map((side) => [
        side.name,
        String(side.threads),
        String(side.queries),
        (side.median / 1000).toFixed(3),
        ((1000 * side.queries) / side.median).toFixed(0),
        gigaflops(results, side).toFixed(1),
        side.ofFaiss === null ? "–" : side.ofFaiss.toFixed(2),
        side.recall.toFixed(5),
      ]),
      `${bits} Building or loading is not counted; slow sides search for the first tenth of the queries; recall is against float64 products of the float32 vectors.`,
    ),
    table(
      `### One query at a time, ${rows.toLocaleString("en")} × ${columns}, k ${k}`,
      ["side", "threads", "median ms", "95% under ms"],
      results.singles.map(({ name, threads, median, p95 }) => [
        name,
        String(threads),
        median.toFixed(2),
        p95.toFixed(2),
      ]),
      `Of ${results.singles[0]?.searches ?? 0} searches each.`,
    ),
    ...failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}
