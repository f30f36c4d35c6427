import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@lmk/train";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNetwork } from "../src/network.ts";
import { createValidator } from "../src/validation.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-validation-"));
  await generateTiny(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a network would say of batches of two images, instead of one. */
function engineThatSays(
  batches: readonly { readonly loss: number; readonly predicted: number[]; readonly confidence: number[] }[],
  given: Readonly<Record<string, unknown>>[],
): Engine {
  const state = { read: async () => ({}), write: () => {}, dispose: () => {} };
  return {
    name: "said",
    createState: () => state,
    replicaMean: (x) => x,
    async load() {
      let at = 0;
      return {
        async run({ labels, counts }) {
          given.push({ labels: [...labels!], counts: [...counts!] });
          const { loss, predicted, confidence } = batches[at++]!;
          return { loss: { data: [loss] }, predicted: { data: predicted }, confidence: { data: confidence } };
        },
        dispose: async () => {},
      };
    },
  };
}

it("gives loss by batches, accuracy in percent and GAP; images that fill a batch count for nothing", async () => {
  const { paths } = await tinyTraining(folder, folder);
  const given: Readonly<Record<string, unknown>>[] = [];
  const said = [
    { loss: 1, predicted: [5, 0], confidence: [0.9, 0.8] },
    { loss: 4, predicted: [7, 3], confidence: [0.7, 0.99] },
  ];
  const validator = createValidator({
    model: createNetwork("tf_efficientnet_b3_ns", { width: 0.1, depth: 0.1 }),
    engine: engineThatSays(said, given),
    scale: 80,
    margins: new Float32Array(8),
    paths,
    rows: Int32Array.of(3, 9, 1),
    classIds: Int32Array.of(5, 6, 7),
    imageSize: 16,
    batchSize: 2,
    onNotice: () => {},
  });
  const { loss, accuracy, globalAveragePrecision } = await validator.validate({});
  expect(given).toEqual([
    { labels: [5, 6], counts: [1, 1] },
    { labels: [7, 7], counts: [1, 0] },
  ]);
  expect(loss).toBe(2.5);
  expect(accuracy).toBeCloseTo(200 / 3, 10);
  // Right, wrong, right by confidence: (1 + 2/3) / 3.
  expect(globalAveragePrecision).toBeCloseTo(5 / 9, 10);
});
