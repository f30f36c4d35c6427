/**
 * What does a training step of a classifier of all landmarks cost, beside PyTorch: forward, backward, SGD with momentum?
 *
 *     LMK_PYTHON=/path/to/python pnpm --filter @lmk-benchmark/all bench:heads [81313] [203094]
 *
 * Heads: ArcFace with 81,313 × 512 rows, and its sub-center form with 203,094 × 3 × 512, batch 32, all classes and samples
 * of 10% and 1% of them. Each side runs in a process of its own, and the sides take turns, but for the larger head. Where
 * losses differ by more than 1e-3, or the gradients of the embeddings by more than 1e-3 of the largest, in the first step,
 * the exit code is 1. The larger head needs 13 GiB of free memory. LMK_STEPS (20) runs are counted after LMK_WARMUP (5).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginReport, writeReport } from "../measure/report.ts";
import { type HeadRow, measureHead } from "./head-measurement.ts";
import { type HeadsReport, headTables } from "./head-tables.ts";
import { type HeadShape, type HeadTask, writeHeadData } from "./head-task.ts";

const heads: readonly HeadShape[] = [
  { classes: 81_313, subCenters: 1, dimension: 512 },
  { classes: 203_094, subCenters: 3, dimension: 512 },
];
const shares = [1, 0.1, 0.01];

const words = process.argv.slice(2);
const chosen = heads.filter(({ classes }) => words.length === 0 || words.includes(`${classes}`));
if (chosen.length < Math.max(1, new Set(words).size)) {
  console.error(
    `heads.bench: expected classes of ${heads.map(({ classes }) => classes).join(", ")}, got ${words}`,
  );
  process.exit(2);
}

const begun = beginReport();
const folder = mkdtempSync(join(tmpdir(), "lmk-heads-"));
const rows: HeadRow[] = [];
try {
  for (const head of chosen) {
    const file = join(folder, `${head.classes}.bin`);
    const task: HeadTask = {
      ...head,
      share: 1,
      batch: 32,
      scale: 30,
      margin: 0.3,
      learningRate: 0.01,
      momentum: 0.9,
      weightDecay: 1e-5,
      file,
    };
    writeHeadData(task);
    for (const share of shares) {
      console.error(`${head.classes} × ${head.subCenters}, ${100 * share}% of the classes`);
      rows.push(await measureHead({ ...task, share }));
    }
    rmSync(file);
  }
} finally {
  rmSync(folder, { recursive: true });
}
const failures = rows
  .filter(({ agrees }) => agrees === false)
  .map(({ classes }) => `${classes} classes: loss or gradient differs by more than 1e-3`);
const report: HeadsReport = { ...begun, results: rows, failures };
console.log(`${headTables(report)}\n`);
writeReport(report, chosen.length === heads.length ? "heads" : `heads-${chosen[0].classes}`);
if (failures.length > 0) process.exitCode = 1;
