/**
 * How much of sharp's speed does `loadBatches` keep, what do its augmentations cost, and how fast is PyTorch's DataLoader?
 *
 *     pnpm --filter @lmk/data build
 *     LMK_PYTHON=/path/to/python LMK_PHOTOS=/path/to/folders pnpm --filter @lmk-benchmark/all bench:loader
 *
 * It runs the built package, because threads do not run TypeScript. LMK_PHOTOS is a folder with a folder `porto` of
 * photographs, of which LMK_IMAGES (256) are scaled to 512 px first; a run goes through them LMK_PASSES (4) times.
 * LMK_PYTHON has PyTorch and torchvision; LMK_SIMD_PYTHON, if given, is another with Pillow-SIMD. LMK_STEPS (20) runs are
 * counted after LMK_WARMUP (5), the sides in turns. Where the plain loader is slower than 0.9 of sharp alone, or its pixels
 * are others, the exit code is 1.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { interleave, type Series } from "../measure/interleave.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { requirePython } from "../measure/settings.ts";
import { preparePhotos } from "./loader-photos.ts";
import { type LoaderSide, type LoaderTask, lmkSides, sharpSide } from "./loader-sides.ts";
import { type LoaderRow, loaderTables } from "./loader-tables.ts";
import { torchSide } from "./loader-torch.ts";

const photos = process.env.LMK_PHOTOS;
if (photos === undefined) throw new Error("set LMK_PHOTOS to a folder with a folder porto of photographs");
const batchSize = 32;
const images = Math.ceil(Number(process.env.LMK_IMAGES ?? 256) / batchSize) * batchSize;
const passes = Number(process.env.LMK_PASSES ?? 4);
const simdPython = process.env.LMK_SIMD_PYTHON;

const begun = beginReport();
const folder = await mkdtemp(join(tmpdir(), "lmk-loader-"));
const sides: LoaderSide[] = [];
try {
  const files = await preparePhotos(join(photos, "porto"), join(folder, "photos"), images);
  sharp.cache(false);
  const task: LoaderTask = { files, batchSize, side: 224, passes };
  const alone = sharpSide(task);
  sides.push(alone, ...(await lmkSides(task, join(folder, "cache"))));
  sides.push(await torchSide(requirePython(), task));
  if (simdPython !== undefined) sides.push(await torchSide(simdPython, task));
  console.error(`${sides.length} sides`);
  const series = await interleave(sides);

  const rows = sides.map((side) => rowOf(side, series, alone.name));
  const failures: string[] = [];
  const plain = rows.find(({ name }) => name === "loadBatches, workers 0")!;
  if (plain.ofSharp < 0.9) failures.push(`loadBatches has ${plain.ofSharp.toFixed(2)} of sharp's speed`);
  for (const { name, difference } of rows) {
    const isPlain = /^loadBatches, (cache, )?workers/.test(name);
    if (isPlain && !(difference! < 1e-6)) failures.push(`${name} differs from sharp by ${difference}`);
  }
  const versions = { ...begun.versions, sharp: sharp.versions.sharp, libvips: sharp.versions.vips };
  const results = { images, passes, batchSize, side: task.side, rows };
  const report = { ...begun, versions, results, failures };
  console.log(`${loaderTables(report)}\n`);
  writeReport(report, "loader");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  for (const side of sides) await side.close();
  await rm(folder, { recursive: true, force: true });
}

function rowOf(side: LoaderSide, series: Readonly<Record<string, Series>>, alone: string): LoaderRow {
  const { name, workers } = side;
  const count = images * passes;
  const { median, min, max, first } = series[name];
  const plain = series[`loadBatches, workers ${workers}`];
  const isAugmented = !/^(sharp|PyTorch|loadBatches, (cache|workers|opencv))/.test(name);
  return {
    name,
    workers,
    median: (1000 * count) / median,
    min: (1000 * count) / max,
    max: (1000 * count) / min,
    ofSharp: series[alone].median / median,
    extra: name.startsWith("loadBatches,") ? (median - plain.median) / count : null,
    difference: isAugmented ? null : meanDifference(first, series[alone].first),
  };
}

function meanDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += Math.abs(actual[i] - expected[i]);
  return sum / expected.length;
}
