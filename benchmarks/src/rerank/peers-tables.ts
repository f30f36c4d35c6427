import { introduction, table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { TaskMemory } from "./task-process.ts";

/** A method here and there; milliseconds of one unit. */
export interface PeerRow {
  readonly name: string;
  readonly covers: string;
  readonly peer: string;
  readonly unit: "all" | "query" | "node";
  readonly limit: number | null;
  readonly ours: number;
  readonly theirs: number | null;
  /** Resident bytes of the peer's process, at most. */
  readonly theirPeak: number | null;
  /** The share of the first rows of its lists that ours have too. */
  readonly agreement: number | null;
}

/** What the benchmark beside published programs found. */
export interface PeersResults {
  /** Sizes of the sets, as text, with their tasks. */
  readonly sets: readonly { readonly title: string; readonly rows: readonly PeerRow[] }[];
  /** The memory of k-reciprocal re-ranking of a large pool, in a process of its own. */
  readonly large: TaskMemory & { readonly title: string };
  /** First rows of a list that are compared. */
  readonly depth: number;
}

export type PeersReport = Report<PeersResults>;

/** The tables of a result, as Markdown. */
export function peersTables(report: PeersReport): string {
  const { results, failures } = report;
  const { sets, large, depth } = results;
  return [
    introduction(report),
    ...sets.map(({ title, rows }) =>
      table(
        `### ${title}`,
        ["method", "the time covers", "ms per", "lmk", "published", "by", "ratio", `same of first ${depth}`],
        rows.map((row) => [
          row.name,
          row.covers,
          row.unit,
          row.ours.toPrecision(3),
          row.theirs?.toPrecision(3) ?? "",
          row.theirs === null ? "" : row.peer,
          row.theirs === null ? "" : (row.ours / row.theirs).toPrecision(2),
          row.agreement?.toFixed(4) ?? "",
        ]),
      ),
    ),
    `${large.title}: ${(large.milliseconds / 1000).toFixed(2)} s, ${megabytes(large.peak)} MB resident at most, ${megabytes(large.peak - large.loaded)} MB more than before it.`,
    ...failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
