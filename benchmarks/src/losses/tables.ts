import { table } from "../measure/markdown.ts";
import type { LossesReport, LossRow } from "./results.ts";

/** The table of a result, as Markdown. */
export function lossTables({ date, machine, commit, versions, results, failures }: LossesReport): string {
  const { training, landmarks, classes, queries, seeds, minutes, rows } = results;
  const { classesPerBatch, imagesPerClass } = training;
  const introduction = [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}, ${minutes.toFixed(0)} minutes;`,
    `node ${versions.node}, onnxruntime-node ${versions["onnxruntime-node"]}.`,
    `${training.backbone} of width ${training.width} at ${training.size} px, ${training.steps} steps of`,
    `${classesPerBatch} landmarks × ${imagesPerClass} images; ${classes} landmarks to train on, ${queries} queries in`,
    `${landmarks.indexImages} images of the index. ± is the standard deviation over ${seeds.length} seeds.`,
  ].join("\n");
  const [before, trained] = [
    rows.filter(({ rate }) => rate === undefined),
    rows.filter(({ rate }) => rate !== undefined).toSorted((a, b) => b.mean - a.mean),
  ];
  return [
    introduction,
    table(
      "### mAP@100 by loss, generated landmarks",
      ["loss", "settings", "rate", "mAP@100", "seeds", "2019 table, other data: R50", "R101"],
      [...before, ...trained].map(cellsOf),
      "The 2019 columns are the private mAP@100 of the 2019 challenge, of networks trained on Google Landmarks v1. Its authors call one row contrastive on one page and triplet on another.",
    ),
    ...failures.map((failure) => `Failed: ${failure}.`),
  ].join("\n\n");
}

function cellsOf({ name, settings, rate, values, mean, deviation, paper }: LossRow): readonly string[] {
  const percent = (value: number) => (100 * value).toFixed(2);
  return [
    name,
    settings,
    rate === undefined ? "" : `${rate}`,
    `${percent(mean)} ± ${percent(deviation)}`,
    values.map(percent).join(", "),
    paper?.resnet50?.toFixed(2) ?? "",
    paper?.resnet101?.toFixed(2) ?? "",
  ];
}
