import { expect, it } from "vitest";
import { presets } from "../src/config.ts";

it("keeps the paper's settings", () => {
  const { training, model, extraction, queryExpansion, labelReranking, search, images } = presets.paper;
  expect(model).toEqual({
    backbone: "resnet101",
    width: 64,
    poolingPower: 3,
    poolingPowerLearnable: false,
    dimension: 512,
  });
  expect(training).toMatchObject({
    batchSize: 32,
    momentum: 0.9,
    weightDecay: 1e-5,
    classTopK: 0,
  });
  expect(training.stages).toEqual([
    {
      name: "arcface",
      loss: { kind: "arcface", scale: 30, margin: 0.3 },
      epochs: 5,
      learningRate: 1e-3,
      minimumLearningRate: 3e-6,
      frozenBatchNorm: false,
    },
  ]);
  expect(images).toMatchObject({ trainTemplates: "S2", extractTemplates: "L2", augmentation: "soft" });
  expect(extraction).toEqual({ batchSize: 24, scales: [0.75, 1, 1.25], minimumSide: 128 });
  expect(search.depth).toBe(100);
  expect(queryExpansion).toEqual({ neighborCount: 10, alpha: 3 });
  expect(labelReranking).toEqual({ neighborCount: 3, threshold: 0.6 });
});

it("runs the paper's method in the embedded preset: loss, pooling, scales and re-ranking are the same", () => {
  const { embedded, paper } = presets;
  for (const key of ["search", "queryExpansion", "labelReranking"] as const)
    expect(embedded[key]).toEqual(paper[key]);
  expect(embedded.extraction.scales).toEqual(paper.extraction.scales);
  expect(embedded.training.stages.at(-1)!.loss).toEqual(paper.training.stages.at(-1)!.loss);
  expect(embedded.model.poolingPower).toBe(paper.model.poolingPower);
  expect(embedded.images.augmentation).toBe(paper.images.augmentation);
  expect(Object.keys(presets)[0]).toBe("embedded");
});
