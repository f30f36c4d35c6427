import { expect, it } from "vitest";
import { presets } from "../src/config.ts";
import { baselineOf } from "../src/methods.ts";

it("keeps the paper's settings", () => {
  const { depth, queryExpansion, labels, diffusion, egt, contest } = presets.paper.retrieval;
  expect(depth).toBe(100);
  expect(queryExpansion).toEqual({ neighborCount: 10, alpha: 3 });
  expect(labels.predictLabels).toEqual({ neighborCount: 3, weight: "cosine", divideByCount: true });
  expect(labels.rerankByLabel).toEqual({
    depth: 100,
    threshold: { kind: "sum", above: 0.6 },
    insertionOrder: "confidence",
    insert: true,
  });
  expect(diffusion).toEqual({ truncation: 1000, neighborCount: 50, alpha: 0.99, gamma: 3 });
  expect(egt).toEqual({ threshold: Infinity, neighborCount: 100 });
  expect(contest).toMatchObject({ candidates: 100, minInliers: 90, neighborCount: 5 });
  expect(contest.augmentation).toEqual({ neighborCount: 2, alpha: 3 });
  expect(contest.labels.predictLabels).toEqual({
    neighborCount: 3,
    weight: "squared-l2",
    divideByCount: false,
  });
  expect(contest.labels.rerankByLabel.threshold).toEqual({ kind: "separate", query: 0, index: 0 });
  expect(presets.paper.cleaning.augmented).toEqual({ minInliers: 40, minVerified: 5 });
});

it("has the authors' scores beside the methods that they are of", () => {
  const scores = presets.paper.retrieval.methods.flatMap(({ name, published }) =>
    published === undefined ? [] : [[name, published.private, published.public]],
  );
  expect(scores).toEqual([
    ["network", 30.22, 27.81],
    ["diffusion", 31.2, 29.36],
    ["egt", 30.33, 28.44],
    ["alpha-qe", 32.21, 30.34],
    ["sort", 33.79, 30.91],
    ["labels", 36.77, 34.88],
    ["alpha-qe+labels", 37.23, 35.5],
    ["ensemble", 33, undefined],
    ["contest", 37.23, 35.69],
  ]);
});

it("runs the paper's method in the embedded preset: voting, expansion and re-ranking are the same", () => {
  const { embedded, paper } = presets;
  for (const key of ["depth", "methods", "final", "queryExpansion", "labels", "egt"] as const)
    expect(embedded.retrieval[key]).toEqual(paper.retrieval[key]);
  expect(embedded.retrieval.contest).toEqual({
    ...paper.retrieval.contest,
    minInliers: embedded.retrieval.contest.minInliers,
  });
  expect(Object.keys(presets)[0]).toBe("embedded");
});

it("names only jobs that there are, and methods that can be compared", () => {
  for (const { retrieval, jobs } of Object.values(presets)) {
    const { methods, tables, final } = retrieval;
    const known = [...jobs.map(({ name }) => name), "ensemble"];
    expect(known).toEqual(expect.arrayContaining([...tables, ...methods.map(({ of }) => of)]));
    expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
    expect(methods.map(({ name }) => name)).toContain(final);
    for (const method of methods) expect(baselineOf(methods, method)).toBeDefined();
  }
});
