/**
 * Writes the graph of every case, values and gradients, and has Python's onnx check each in full:
 * `LMK_PYTHON=/path/to/python pnpm --filter @lmk/compile check:onnx [examples per case]`. Python
 * needs the package onnx.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { allCases } from "./all-cases.ts";
import { compileExample } from "./check-example.ts";

const python = process.env.LMK_PYTHON ?? "python3";
const examplesPerCase = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(join(tmpdir(), "lmk-onnx-"));
const checker = fileURLToPath(new URL("check_onnx.py", import.meta.url));
try {
  for (const [i, checked] of allCases.entries()) {
    const examples = fc.sample(checked.arbitrary, { numRuns: examplesPerCase, seed: 20200817 });
    for (const [j, example] of examples.entries()) {
      const { compiled } = await compileExample(example, checked);
      const title = checked.name.replaceAll(/[^\w ,-]/g, " ").slice(0, 120);
      writeFileSync(
        join(folder, `${String(i).padStart(3, "0")}-${j} ${title}.onnx`),
        compiled.toOnnx({ state: "inputs" }).model,
      );
      await compiled.dispose();
    }
  }
  const { status, error } = spawnSync(python, [checker, folder], { stdio: "inherit" });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
