import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Config, presets } from "../src/config.ts";
import type { SystemContext } from "../src/context.ts";
import { readScores } from "../src/stages/evaluate.ts";
import { runUpTo } from "../src/system.ts";

/** The embedded preset, smaller: its network learns nothing in two steps. */
const config: Config = {
  ...presets.embedded,
  landmarks: {
    ...presets.embedded.landmarks,
    landmarks: 6,
    trainImages: 32,
    indexImages: 24,
    testImages: 8,
    longSide: 48,
  },
  training: { ...presets.embedded.training, imageSize: 32, epochs: 1 },
  embedding: { imageSize: 32, batchSize: 8 },
};

let folder = "";
let context: SystemContext;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-template-"));
  const options = { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false } as const;
  context = createContext(folder, config, options);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("runs from nothing to a report, and does nothing twice", async () => {
  await runUpTo("report", context);
  const scores = readScores({ key: "", seconds: 0, folder: join(folder, "evaluate") });
  for (const { meanAveragePrecision } of Object.values(scores)) {
    expect(meanAveragePrecision.all).toBeGreaterThan(0);
    expect(meanAveragePrecision.all).toBeLessThanOrEqual(1);
  }
  expect(Object.keys(scores)).toEqual(["search", "expanded"]);
  const [header, ...rows] = readFileSync(join(folder, "submit", "submission.csv"), "utf8")
    .trim()
    .split("\n");
  expect(header).toBe("id,images");
  expect(rows).toHaveLength(8);
  expect(readFileSync(join(folder, "report", "report.html"), "utf8")).toContain("queries expanded");

  const weights = join(folder, "train", "model.safetensors");
  rmSync(weights);
  await runUpTo("report", context);
  expect(existsSync(weights)).toBe(false);
});
