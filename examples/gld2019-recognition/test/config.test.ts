import { expect, it } from "vitest";
import { type Config, presets } from "../src/config.ts";
import { methodsOf } from "../src/methods.ts";

it("has every number of the published system", () => {
  const { search, recognition, ablations, members, cleaning } = presets.paper;
  expect(members).toEqual([
    { job: "v19c", weight: 0.5 },
    { job: "v20c", weight: 1 },
    { job: "v21c", weight: 1 },
    { job: "v22c", weight: 0.5 },
    { job: "v23c", weight: 1 },
    { job: "v24c", weight: 1 },
  ]);
  expect(search).toEqual({ depth: 100 });
  expect(recognition).toEqual({
    embeddings: "ensemble",
    augmentation: "none",
    neighborCount: 3,
    weight: "squared-l2",
    divideByFrequency: false,
    reciprocalFactor: 1,
    inlierCap: 70,
    mostPredictions: 30,
    banNeighbors: false,
  });
  expect(ablations).toEqual({
    network: "v20c",
    earlierMostPredictions: 250,
    rankNeighborCounts: [20, 30, 40],
    reciprocalCount: 2,
    reciprocalFactor: 1.5,
    augmentation: { neighborCount: 3, alpha: 3, saturation: 0.8 },
    banNeighbors: { depth: 100, above: 0.75 },
  });
  expect(cleaning.augmented).toEqual({ minInliers: 40, minVerified: 5 });
});

/** Which settings each method changes. */
function changesOf(config: Config): Record<string, unknown> {
  const changes = methodsOf(config).map(({ name, recognition }) => [
    name,
    Object.fromEntries(
      Object.entries(recognition).filter(
        ([key, value]) => value !== config.recognition[key as keyof typeof recognition],
      ),
    ),
  ]);
  return Object.fromEntries(changes);
}

const ablations = (ban: { readonly earlier: number }): Record<string, unknown> => ({
  submitted: {},
  "single-soft-voting": { embeddings: "single", inlierCap: 0, mostPredictions: 0 },
  single: { embeddings: "single" },
  "no-ban": { mostPredictions: 0 },
  "soft-voting": { inlierCap: 0, mostPredictions: 0 },
  "no-inliers": { inlierCap: 0 },
  "earlier-ban": { mostPredictions: ban.earlier },
  "ban-neighbors": { banNeighbors: true },
  cosine: { weight: "cosine" },
  "top-1": { neighborCount: 1 },
  "top-5": { neighborCount: 5 },
  "rank-votes-20": { weight: "rank", neighborCount: 20, inlierCap: 0 },
  "rank-votes-30": { weight: "rank", neighborCount: 30, inlierCap: 0 },
  "rank-votes-40": { weight: "rank", neighborCount: 40, inlierCap: 0 },
  "class-frequency": { weight: "below-farthest", divideByFrequency: true },
  reciprocal: { reciprocalFactor: 1.5 },
  "dba-power": { augmentation: "power" },
  "dba-saturated": { augmentation: "saturated" },
  "dba-log-spaced": { augmentation: "log-spaced" },
});

it("changes one part of the system in each method", () => {
  expect(changesOf(presets.paper)).toEqual(ablations({ earlier: 250 }));
  expect(changesOf(presets.embedded)).toEqual(ablations({ earlier: 75 }));
});

it("runs the same system in the embedded preset, with ban and inliers scaled to its test images", () => {
  const { embedded, paper } = presets;
  expect(embedded.landmarks.v2.testImages).toBe(150);
  expect(embedded.recognition).toEqual({ ...paper.recognition, mostPredictions: 9, inlierCap: 12 });
  expect(embedded.members).toEqual(paper.members);
  expect(embedded.search).toEqual(paper.search);
  expect(Object.keys(presets)[0]).toBe("embedded");
});

it.each(["demo", "pretrained"] as const)(
  "leaves out of %s what needs six networks or local features",
  (name) => {
    const { recognition, ablations, members } = presets[name];
    expect(recognition).toMatchObject({ embeddings: "single", inlierCap: 0 });
    expect(members).toEqual([{ job: ablations.network, weight: 1 }]);
    const methods = methodsOf(presets[name]);
    expect(methods.every(({ recognition }) => recognition.embeddings === "single")).toBe(true);
    expect(methods.every(({ recognition }) => recognition.inlierCap === 0)).toBe(true);
    const settings = methods.map(({ recognition }) => JSON.stringify(recognition));
    expect(new Set(settings).size).toBe(settings.length);
    expect(methods).toHaveLength(15);
  },
);

it("puts the authors' numbers beside the rows that they are of", () => {
  const published = methodsOf(presets.paper).flatMap(({ name, published }) =>
    published === undefined ? [] : [[name, published]],
  );
  expect(published).toEqual([
    ["submitted", "ensemble of six, without frequent landmarks"],
    ["single-soft-voting", "one network, soft voting"],
    ["no-ban", "ensemble of six"],
  ]);
});
