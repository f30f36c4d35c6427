import { table } from "../measure/markdown.ts";
import type { CleaningBenchmark, CleaningRow } from "./cleaning-results.ts";

/** The tables of a result, as Markdown. */
export function cleaningTables({ date, machine, commit, versions, results }: CleaningBenchmark): string {
  const { settings, images, landmarks, wrong, medianInliers, meanFeatures, report, seconds, rows } = results;
  const total = Object.values(seconds).reduce((sum, value) => sum + value, 0);
  const pairsASecond = report.candidates.pairs / seconds.verification;
  const introduction = [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}, ${(total / 60).toFixed(0)} minutes;`,
    `node ${versions.node}, onnxruntime-node ${versions["onnxruntime-node"]}.`,
    `${images} generated images of ${landmarks} landmarks at ${settings.landmarks.longSide} px, ${wrong} of them with a wrong label:`,
    "half of these show another landmark, half none. Neighbors by a ResNet-18 of width 16 that softmax taught on these",
    `images and labels in ${settings.training.steps} steps, the nearest ${settings.k}; ${settings.network} at ${settings.featureSide} px, ${meanFeatures.toFixed(0)} local features an image;`,
    `matches below ${settings.maxDistance}, ${settings.trials} affine samples, ${settings.residual.toFixed(1)} px. ${report.candidates.pairs} pairs, ${pairsASecond.toFixed(0)} a second`,
    `on one thread; median inliers ${medianInliers.right} of two right images, ${medianInliers.wrong} with a wrong one.`,
  ].join("\n");
  const percent = (value: number | null) => (value === null ? "–" : (100 * value).toFixed(1));
  return [
    introduction,
    grid("### Wrong images that cleaning removes, %", rows, ({ recall }) => percent(recall)),
    grid("### Right images that it keeps, %", rows, ({ rightKept }) => percent(rightKept)),
    grid(
      "### Wrong ones among those it removes, %",
      rows,
      ({ precision }) => percent(precision),
      `Removing at random would give ${percent(wrong / images)}.`,
    ),
    grid("### Images and landmarks kept", rows, (row) => `${row.images}, ${row.landmarks}`),
    "Columns ask for so many inliers of a pair, rows for so many such pairs of an image. The choice of 2019 is 30 and 3, of up to 1000 DELF features of an image.",
  ].join("\n\n");
}

/** A table with a row for each `minVerified` and a column for each `minInliers`. */
function grid(
  title: string,
  rows: readonly CleaningRow[],
  cell: (row: CleaningRow) => string,
  note = "",
): string {
  const columns = [...new Set(rows.map(({ minInliers }) => minInliers))];
  const lines = [...new Set(rows.map(({ minVerified }) => minVerified))];
  const cells = lines.map((minVerified) => [
    `${minVerified}`,
    ...rows.filter((row) => row.minVerified === minVerified).map(cell),
  ]);
  return table(title, ["pairs", ...columns.map((minInliers) => `≥ ${minInliers}`)], cells, note);
}
