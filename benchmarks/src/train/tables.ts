import type { Summary } from "../measure/interleave.ts";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";

/** How fast a network trains in one of the ways that are compared. */
export interface RankRow {
  readonly network: string;
  readonly name: string;
  readonly milliseconds: Summary;
  /** Part of the time that rank 0 spent in exchanges, waiting for the other rank included. */
  readonly communicationShare: number;
}

/** A result of the benchmark of ranks. */
export type RanksReport = Report<{
  readonly rows: readonly RankRow[];
  /** Of any weight or statistic after eight steps, over its size where that is above 1. */
  readonly weightsDifference: number;
}>;

function introductionOf({ date, machine, warmup, steps, versions, commit }: RanksReport): string {
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} steps after ${warmup}.`,
    `node ${versions.node}, onnxruntime-node ${versions["onnxruntime-node"]}.`,
  ].join("\n");
}

/** The table of a result, as Markdown. */
export function rankTables(report: RanksReport): string {
  const { rows, weightsDifference } = report.results;
  return [
    introductionOf(report),
    table(
      "### Training over MPI ranks, 16 images of 128 px a step",
      ["network", "", "a step", "ratio to one process", "share spent exchanging"],
      rows.map(({ network, name, milliseconds, communicationShare }) => {
        const alone = rows.find((row) => row.network === network)!;
        return [
          network,
          name,
          `${milliseconds.median.toFixed(0)} ms`,
          (milliseconds.median / alone.milliseconds.median).toFixed(2),
          communicationShare === 0 ? "" : `${(100 * communicationShare).toFixed(0)} %`,
        ];
      }),
      `Exchanging includes waiting for the other rank, and goes on beside the computation where the next part does not need it. Weights of two ranks with SyncBN after 8 steps of a small ResNet-18 and those of one process on the doubled batch differ by at most ${weightsDifference.toExponential(1)}.`,
    ),
  ].join("\n\n");
}
