import type { Summary } from "../measure/interleave.ts";
import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";

/** What a transform or augmentation takes. */
export interface AugmentationRow {
  readonly name: string;
  /** Of the image that it begins with. */
  readonly width: number;
  readonly height: number;
  /** Of the image that comes out. */
  readonly side: number;
  /** Milliseconds an image. */
  readonly time: Summary;
}

/** A result of the benchmark of augmentation. */
export type AugmentationResult = Report<{
  readonly transforms: readonly AugmentationRow[];
  readonly augmentations: readonly AugmentationRow[];
}>;

/** The tables of a result, as Markdown. */
export function augmentationTables({
  date,
  machine,
  commit,
  steps,
  versions,
  results,
}: AugmentationResult): string {
  return [
    [
      `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} runs, one thread;`,
      `node ${versions.node}. What resizes begins with an image of 1024 × 768.`,
    ].join("\n"),
    tableOf("### Augmentation of a solution, an image", results.augmentations),
    tableOf("### One transform, always done, an image", results.transforms),
  ].join("\n\n");
}

function tableOf(title: string, rows: readonly AugmentationRow[]): string {
  const names = [...new Set(rows.map(({ name }) => name))];
  const sides = [...new Set(rows.map(({ side }) => side))];
  const cellOf = (name: string, side: number): string => {
    const { time } = rows.find((row) => row.name === name && row.side === side)!;
    return `${time.median.toFixed(2)} ms`;
  };
  return table(
    title,
    ["", ...sides.map((side) => `to ${side} px`)],
    names.map((name) => [`\`${name}\``, ...sides.map((side) => cellOf(name, side))]),
  );
}
