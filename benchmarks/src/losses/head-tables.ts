import { introduction, table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { HeadRow, HeadSide } from "./head-measurement.ts";

/** A result of the benchmark of heads. */
export type HeadsReport = Report<readonly HeadRow[]>;

/** The table of a result, as Markdown. */
export function headTables(report: HeadsReport): string {
  return [
    introduction(report),
    table(
      "### Training step of an ArcFace head, batch 32: forward, backward, SGD with momentum",
      [
        "rows",
        "classes in a step",
        "lmk",
        "PyTorch",
        "ratio",
        "lmk, peak",
        "PyTorch, peak",
        "losses",
        "gradients",
      ],
      report.results.map(cellsOf),
      "Peaks are of resident memory during the steps, less what the libraries take; losses and gradients of the embeddings differ by the last two in the first step. The largest head ran on one side after the other: both at once do not fit into 24 GiB.",
    ),
    ...report.failures.map((failure) => `Failed: ${failure}.`),
  ].join("\n\n");
}

function cellsOf(row: HeadRow): readonly string[] {
  const { classes, subCenters, dimension, share, lmk, pytorch, lossDifference, gradientDifference } = row;
  return [
    `${classes} × ${subCenters === 1 ? "" : `${subCenters} × `}${dimension}`,
    `${100 * share}%`,
    milliseconds(lmk),
    pytorch ? milliseconds(pytorch) : "",
    pytorch ? (lmk.median / pytorch.median).toFixed(2) : "",
    peak(lmk),
    pytorch ? peak(pytorch) : "",
    lossDifference?.toExponential(1) ?? "",
    gradientDifference?.toExponential(1) ?? "",
  ];
}

function milliseconds({ median }: HeadSide): string {
  return `${median.toFixed(0)} ms`;
}

function peak({ memory }: HeadSide): string {
  return `${((memory.peak - memory.loaded) / 2 ** 20).toFixed(0)} MiB`;
}
