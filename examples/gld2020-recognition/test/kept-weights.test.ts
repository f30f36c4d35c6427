import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepWeights, writeRunWeights } from "../src/kept-weights.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kept-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("keeps weights when those of the next epoch take their place", async () => {
  const [weights, kept] = [join(folder, "run.safetensors"), join(folder, "run_ep1.safetensors")];
  writeFileSync(weights, "epoch 1");
  await keepWeights(weights, kept);
  // A run that was killed in between does it once more.
  await keepWeights(weights, kept);
  await writeRunWeights(weights, { "feat.bias": { shape: [1], data: Float32Array.of(2) } });
  expect(readFileSync(kept, "utf8")).toBe("epoch 1");
  expect(readFileSync(weights, "utf8")).toContain("feat.bias");
  expect(readdirSync(folder).sort()).toEqual(["run.safetensors", "run_ep1.safetensors"]);
});
