import type { Summary } from "../measure/interleave.ts";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";

/** A result of the benchmark of train.csv; seconds and bytes. */
export type TrainCsvResult = Report<{
  readonly rows: number;
  readonly bytes: number;
  readonly readTrainCsv: Summary;
  readonly peakAfterRead: number;
  readonly groupedBatches: Summary & { readonly batches: number };
  readonly continentBatches: Summary & { readonly batches: number };
  readonly peak: number;
  readonly pandas?: Summary & { readonly peak: number };
}>;

/** The table of a result, as Markdown. */
export function trainCsvTables({ date, machine, commit, steps, versions, results }: TrainCsvResult): string {
  const { readTrainCsv, groupedBatches, continentBatches, pandas } = results;
  const cells = (name: string, { median, min, max }: Summary, peak?: number): readonly string[] => [
    name,
    `${median.toFixed(2)} s`,
    `${min.toFixed(2)}–${max.toFixed(2)} s`,
    peak === undefined ? "" : `${(peak / 2 ** 20).toFixed(0)} MiB`,
  ];
  return [
    [
      `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} fresh processes`,
      `after one, the sides in turns; node ${versions.node}.`,
    ].join("\n"),
    table(
      `### A train.csv of ${results.rows.toLocaleString("en")} rows, ${(results.bytes / 1e6).toFixed(0)} MB`,
      ["step", "median", "range", "peak of the process's memory until then"],
      [
        cells("`readTrainCsv`", readTrainCsv, results.peakAfterRead),
        cells(`\`groupedBatches\`, 5 shapes: ${groupedBatches.batches} batches`, groupedBatches),
        cells(`\`continentBatches\`: ${continentBatches.batches} batches`, continentBatches, results.peak),
        ...(pandas === undefined
          ? []
          : [cells("pandas' `read_csv` of the two columns", pandas, pandas.peak)]),
      ],
    ),
  ].join("\n\n");
}
