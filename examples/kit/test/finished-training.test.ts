import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { finishedFile, readFinished, writeFinished } from "../src/finished-training.ts";

const folder = mkdtempSync(join(tmpdir(), "lmk-finished-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("knows a training that is done by its settings", () => {
  const file = finishedFile(join(folder, "b3.safetensors"));
  expect(file).toBe(join(folder, "b3.finished.json"));
  expect(readFinished(file, { seed: 1 })).toBeUndefined();
  writeFinished(file, { settings: { seed: 1 }, step: 21, epoch: 3 });
  expect(readFinished(file, { seed: 1 })).toEqual({ settings: { seed: 1 }, step: 21, epoch: 3 });
  expect(readFinished(file, { seed: 2 })).toBeUndefined();
});
