/**
 * How fast do networks of `@lmk/models`, compiled by `@lmk/compile`, turn images into embeddings, beside the reference's
 * own network with the same weights, exported by PyTorch and run by the same onnxruntime?
 *
 *     LMK_PYTHON=/path/to/python LMK_REFERENCES=/path pnpm --filter @lmk-benchmark/all bench:models [network…]
 *
 * LMK_PYTHON has PyTorch, torchvision, timm 0.6 and onnx; LMK_REFERENCES is a folder with the authors' repository of
 * DOLG, kaggle-landmark-2021-1st-place. LMK_STEPS (20) runs are counted after LMK_WARMUP (5), the sides in turns. Both
 * get batches of prepared images; preparing a photograph is measured apart. Where embeddings differ by more than 1e-3
 * of the largest value, the exit code is 1.
 */
import { beginReport, writeReport } from "../measure/report.ts";
import { type EmbeddingRow, embeddingTasks, measureEmbedding } from "./embedding-speed.ts";
import { measurePreparation, type PreparationRow } from "./preparation-speed.ts";
import { modelTables } from "./tables.ts";

const names = process.argv.slice(2);
const tasks = embeddingTasks.filter(({ name }) => names.length === 0 || names.includes(name));
if (tasks.length < new Set(names).size || tasks.length === 0) {
  const known = embeddingTasks.map(({ name }) => name).join(", ");
  console.error(`models.bench: expected networks of ${known}, got ${names.join(", ")}`);
  process.exit(2);
}

const begun = beginReport();
const embedding: EmbeddingRow[] = [];
const failures: string[] = [];
for (const task of tasks) {
  console.error(`embedding ${task.name} ${task.size}`);
  const row = await measureEmbedding(task);
  embedding.push(row);
  if (!row.agrees) failures.push(`${task.name}: embeddings differ by ${row.difference.toExponential(1)}`);
}
console.error("preparation");
const preparation: PreparationRow[] = await measurePreparation();
const report = { ...begun, results: { embedding, preparation }, failures };
console.log(`${modelTables(report)}\n`);
writeReport(report, "models");
if (failures.length > 0) process.exitCode = 1;
