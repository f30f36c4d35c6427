import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";

/** How fast a side loads. */
export interface LoaderRow {
  readonly name: string;
  readonly workers: number;
  /** Images a second: the median of the runs, the slowest and the fastest. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Its median over that of sharp alone. */
  readonly ofSharp: number;
  /** Milliseconds of the machine that an image takes more than by `loadBatches` with as many workers; none of other sides. */
  readonly extra: number | null;
  /** Mean difference of normalized numbers from those of sharp alone; of sides that augment, none. */
  readonly difference: number | null;
}

/** A result of the benchmark of the loader. */
export type LoaderResult = Report<{
  readonly images: number;
  readonly passes: number;
  readonly batchSize: number;
  readonly side: number;
  readonly rows: readonly LoaderRow[];
}>;

/** The table of a result, as Markdown. */
export function loaderTables({
  date,
  machine,
  steps,
  warmup,
  versions,
  commit,
  results,
  failures,
}: LoaderResult): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} runs after`,
    `${warmup}, the sides in turns; a run reads ${results.images} photographs, JPEG files of 512 px on the longer side,`,
    `${results.passes} times. Every \`loadBatches\` has \`reuseImages: true\` and starts its threads in every run; PyTorch's`,
    `processes stay from run to run. ${names.join(", ")}.`,
  ];
  return [
    lines.join("\n"),
    table(
      `### Loading batches of ${results.batchSize} images of ${results.side} × ${results.side}`,
      ["side", "images/s", "slowest", "fastest", "of sharp alone", "more ms an image", "differs by"],
      results.rows.map(({ name, median, min, max, ofSharp, extra, difference }) => [
        name,
        median.toFixed(0),
        min.toFixed(0),
        max.toFixed(0),
        ofSharp.toFixed(2),
        extra === null ? "–" : extra.toFixed(2),
        difference === null ? "–" : difference.toExponential(1),
      ]),
      "More ms: of the whole machine, beside `loadBatches` without augmentation and with as many workers.",
    ),
    ...failures.map((failure) => `Failed: ${failure}.`),
  ].join("\n\n");
}
