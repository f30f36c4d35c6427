/**
 * How long the generated landmarks take, and whether the number of worker threads changes a byte.
 *
 *     pnpm --filter @lmk/data build
 *     pnpm --filter @lmk-benchmark/all bench:landmarks [images=10000] [longSide=256]
 *
 * Runs the package as built, as a user has it. All images are made once with two worker threads; a set of a
 * twentieth of the images is made on the calling thread, with one worker and with two.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GenerateOptions, generateLandmarks } from "@lmk/data/landmarks";
import { beginReport, writeReport } from "../measure/report.ts";
import { type LandmarksReport, type LandmarksRun, landmarkTables } from "./landmarks-tables.ts";

const [images, longSide] = [process.argv[2] ?? "10000", process.argv[3] ?? "256"].map(Number);
if (!(Number.isInteger(images) && images >= 100)) {
  throw new Error(`bench:landmarks: expected at least 100 images, got ${process.argv[2]}`);
}
const root = mkdtempSync(join(tmpdir(), "lmk-landmarks-"));

/** 7 of 10 images to train on, 2 in the index, 1 to search for; 8 landmarks for 100 images. */
function sizesOf(count: number): GenerateOptions {
  const testImages = Math.round(count * 0.1);
  const indexImages = Math.round(count * 0.2);
  const trainImages = count - indexImages - testImages;
  return { landmarks: Math.round(count * 0.08), trainImages, indexImages, testImages, longSide };
}

/** SHA-256 over the path and the bytes of every file, in the order of the paths. */
function hashOf(folder: string): { files: number; bytes: number; sha256: string } {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(join(folder, file));
    bytes += content.length;
    hash.update(file).update("\0").update(content);
  }
  return { files: files.length, bytes, sha256: hash.digest("hex") };
}

async function run(count: number, workers: number): Promise<LandmarksRun> {
  console.error(`${count} images, ${workers} workers`);
  const folder = join(root, `${count}-${workers}`);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const report = await generateLandmarks(folder, { ...sizesOf(count), workers });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const found = hashOf(folder);
  rmSync(folder, { recursive: true });
  return {
    images: count,
    landmarks: report.landmarks,
    workers,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    ...found,
  };
}

const begun = beginReport("none");
const all = await run(images, 2);
const few = Math.max(100, Math.round(images / 20));
const subset = [await run(few, 0), await run(few, 1), await run(few, 2)];
rmSync(root, { recursive: true });

const sharpVersion = (createRequire(import.meta.url)("sharp") as { versions: { sharp: string } }).versions
  .sharp;
const report: LandmarksReport = {
  ...begun,
  versions: { node: process.version, sharp: sharpVersion },
  results: { longSide, runs: [all, ...subset] },
  failures: [],
};
console.log(landmarkTables(report));
writeReport(report, "landmarks");
if (new Set(subset.map(({ sha256 }) => sha256)).size > 1) {
  throw new Error("bench:landmarks: expected the same bytes for every number of workers, got others");
}
