/**
 * Does the cleaning of 2019 find wrong labels? The whole procedure on generated landmarks, of which it is known which
 * labels are wrong: neighbors by a network that learned on the noisy labels, local features of ALIKE, affine verification.
 *
 *     pnpm --filter @lmk-benchmark/all bench:cleaning [try]
 *
 * The weights of ALIKE are looked for in `weights` of LMK_PHOTOS (../shared/data). The data set is kept in
 * `benchmarks/runs/cleaning`. `try` takes a small set and a short training, and writes no result.
 */
import { join } from "node:path";
import { affineVerifier, cleanByVerification } from "@lmk/data";
import { exactSearch } from "@lmk/index";
import { beginReport, writeReport } from "../measure/report.ts";
import { globalDescriptors } from "./cleaning-descriptors.ts";
import { localFeatures } from "./cleaning-features.ts";
import { type CleaningBenchmark, cleaningRows, medianInliers } from "./cleaning-results.ts";
import { openNoisySet } from "./cleaning-set.ts";
import { settings as fullSettings, trySettings } from "./cleaning-settings.ts";
import { cleaningTables } from "./cleaning-tables.ts";

const isTried = process.argv[2] === "try";
const settings = isTried ? trySettings : fullSettings;
const runs = new URL("../../runs/cleaning/", import.meta.url).pathname;
const begun = beginReport("none");
const seconds: Record<string, number> = {};

async function timed<T>(stage: string, work: () => Promise<T>): Promise<T> {
  console.error(stage);
  const started = performance.now();
  const result = await work();
  seconds[stage] = (performance.now() - started) / 1000;
  console.error(`${stage}: ${seconds[stage].toFixed(0)} s`);
  return result;
}

/** Says how far a stage is, ten times in all. */
function tell(done: number, all: number): void {
  const tenth = Math.ceil(all / 10);
  if (done % tenth === 0) console.error(`  ${done} of ${all}`);
}

const folder = join(runs, isTried ? "landmarks-tried" : "landmarks");
const set = await timed("landmarks", () => openNoisySet(folder, settings.landmarks));
const { paths, landmarkIds } = set.train;
const descriptors = await timed("descriptors", () => globalDescriptors(set, settings.training));
const features = await timed("features", () =>
  localFeatures(paths, settings, (done) => tell(done, paths.length)),
);
const { pairs, report } = await timed("verification", () =>
  cleanByVerification({
    labels: landmarkIds,
    neighbors: exactSearch(descriptors, descriptors, { k: settings.k }),
    verify: affineVerifier((row) => features[row], settings),
    k: settings.k,
    onProgress: tell,
  }),
);
const result: CleaningBenchmark = {
  ...begun,
  results: {
    settings,
    images: paths.length,
    landmarks: report.all.landmarks,
    wrong: set.wrong.reduce((sum, value) => sum + value, 0),
    report,
    meanFeatures: features.reduce((sum, { descriptors: { rows } }) => sum + rows, 0) / features.length,
    medianInliers: medianInliers(pairs, set.wrong),
    rows: cleaningRows(pairs, set, settings),
    seconds,
  },
  failures: [],
};
console.log(`${cleaningTables(result)}\n`);
if (!isTried) writeReport(result, "cleaning");
