/**
 * Reads the train.csv it is given, draws the first epochs of the samplers over its rows, and prints what each took and the
 * peak of the process's memory, as a JSON line.
 */
import {
  continentBatches,
  gld2021ContinentShares,
  groupedBatches,
  groupOfSize,
  readTrainCsv,
  sizeTemplates,
} from "@lmk/data";
import { createRandom } from "../measure/random.ts";

const names = Object.keys(gld2021ContinentShares);
const shapes = [
  { width: 800, height: 480 },
  { width: 800, height: 533 },
  { width: 800, height: 600 },
  { width: 640, height: 640 },
  { width: 600, height: 800 },
  { width: 480, height: 800 },
];
/** Photographs are mostly landscapes of 4 : 3 and 3 : 2. */
const likelyShapes = [0, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4, 5];

async function seconds<Result>(work: () => Result | Promise<Result>): Promise<[Result, number]> {
  const started = performance.now();
  const result = await work();
  return [result, (performance.now() - started) / 1000];
}

const [{ ids, landmarkIds }, read] = await seconds(() => readTrainCsv(process.argv[2]!));
const afterRead = process.resourceUsage().maxRSS * 1024;

const random = createRandom(2);
const groupOfShape = shapes.map((size) => groupOfSize(sizeTemplates.S2, size));
const groups = landmarkIds.map(() => groupOfShape[likelyShapes[Math.floor(random() * likelyShapes.length)]]);
const [grouped, grouping] = await seconds(() => groupedBatches(groups, { seed: 1 }));

const continentOf = Int32Array.from({ length: 1 << 18 }, () => Math.floor(random() * names.length));
const codes = landmarkIds.map((landmarkId) => continentOf[landmarkId]);
const noisy = Uint8Array.from({ length: ids.length }, () => Number(random() < 0.6));
const [drawn, drawing] = await seconds(() =>
  continentBatches({ continents: { values: names, codes }, noisy }, { seed: 1 }),
);

console.log(
  JSON.stringify({
    rows: ids.length,
    read,
    grouping,
    groupedBatches: grouped.length,
    drawing,
    drawnBatches: drawn.length,
    afterRead,
    peak: process.resourceUsage().maxRSS * 1024,
  }),
);
