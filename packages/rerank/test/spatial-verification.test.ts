import {
  type CountInliersOptions,
  countInliers,
  countInliersAsync,
  estimateHomography,
  type LocalFeatures,
  matchDescriptors,
  rerankByInliers,
  verifySpatially,
} from "@lmk/rerank/geometry";
import { describe, expect, it } from "vitest";
import { neighborsFrom, randomUnitRows } from "./fixtures.ts";
import { createScene, gridDistance, type Scene } from "./scenes.ts";

/** The features of both images of a scene: feature i of one is matched with feature i of the other. */
function featuresOf(scene: Scene, seed: number): [LocalFeatures, LocalFeatures] {
  const count = scene.from.length / 2;
  const descriptors = randomUnitRows(seed, count, 24);
  const starts = Uint32Array.of(0, count);
  return [
    { locations: Float32Array.from(scene.from), descriptors, starts },
    { locations: Float32Array.from(scene.to), descriptors, starts },
  ];
}

function join(images: readonly LocalFeatures[]): LocalFeatures {
  const { columns } = images[0]!.descriptors;
  const starts = [0];
  for (const image of images) starts.push(starts.at(-1)! + image.descriptors.rows);
  return {
    locations: Float32Array.from(images.flatMap((image) => [...image.locations])),
    descriptors: {
      data: Float32Array.from(images.flatMap((image) => [...image.descriptors.data])),
      rows: starts.at(-1)!,
      columns,
    },
    starts: Uint32Array.from(starts),
  };
}

const empty: LocalFeatures = {
  locations: new Float32Array(0),
  descriptors: { data: new Float32Array(0), rows: 0, columns: 24 },
  starts: Uint32Array.of(0, 0),
};

// Query 0 sees what database images 0 and 2 see, with 60 and 90 % of right pairs; query 1 what image 1 sees.
const scenes = [
  createScene(31, { count: 50, share: 0.6, affine: true }),
  createScene(32, { count: 40, share: 0.8, affine: true }),
  createScene(33, { count: 45, share: 0.9, affine: true }),
] as const;
const [queryA, imageA] = featuresOf(scenes[0], 41);
const [queryB, imageB] = featuresOf(scenes[1], 42);
const [queryC, imageC] = featuresOf(scenes[2], 43);
const queries = join([join([queryA, queryC]), queryB, empty]);
const twoImages = { ...queries, starts: Uint32Array.of(0, 95, 135, 135) };
const database = join([imageA, imageB, imageC, empty]);
const neighbors = neighborsFrom([
  [1, 0, 2, 3],
  [2, 3, 1, -1],
  [0, 1, 2, 3],
]);

describe("verifySpatially", () => {
  it("counts the matches that agree with one transform", () => {
    const { inlierCount, inliers, matches, model } = verifySpatially(queryA, imageA);
    // Noise of 1 pixel, limit of 10.
    for (const [i, row] of matches.from.entries()) {
      expect(matches.to[i]).toBe(row);
      if (scenes[0].right[row] === 1) expect(inliers[i]).toBe(1);
    }
    expect(inlierCount).toBeGreaterThanOrEqual(30);
    expect(inlierCount).toBeLessThan(34);
    expect(gridDistance(model, scenes[0].matrix)).toBeLessThan(5);
  });

  it("finds nothing in unrelated images and in those without features", () => {
    expect(verifySpatially(queryA, imageB).inlierCount).toBeLessThan(6);
    expect(verifySpatially(queryA, empty).inlierCount).toBe(0);
    expect(verifySpatially(empty, imageA).inlierCount).toBe(0);
    expect(verifySpatially(empty, empty).matches.from.length).toBe(0);
  });

  it("is the matching and the estimation, one after the other", () => {
    const matching = { mode: "mutual", maxDistance: 0.5 } as const;
    const estimation = { sampling: "uniform", seed: 3 } as const;
    const { matches, ...estimate } = verifySpatially(queryA, imageA, {
      transform: "homography",
      matching,
      estimation,
    });
    expect(matches).toEqual(matchDescriptors(queryA.descriptors, imageA.descriptors, matching));
    const place = (locations: Float32Array, rows: Int32Array) =>
      Float32Array.from([...rows].flatMap((row) => [locations[2 * row]!, locations[2 * row + 1]!]));
    const correspondences = {
      from: place(queryA.locations, matches.from),
      to: place(imageA.locations, matches.to),
    };
    expect(estimate).toEqual(estimateHomography(correspondences, estimation));
  });

  it("has DELG's numbers unless told otherwise", () => {
    const apart = { ...imageA, descriptors: randomUnitRows(77, 50, 24) };
    expect(verifySpatially(queryA, apart)).toEqual(
      verifySpatially(queryA, apart, {
        transform: "affine",
        matching: { mode: "nearest", maxDistance: 0.9 },
        estimation: { maxError: 10, maxIterations: 1000 },
      }),
    );
    const close = verifySpatially(queryA, apart).matches;
    const all = verifySpatially(queryA, apart, { matching: { maxDistance: 2 } }).matches;
    expect(close.distances.every((distance) => distance < 0.9)).toBe(true);
    expect(close.from.length).toBeLessThan(all.from.length);
    // Options of matching leave the bound on distances as it is.
    expect(verifySpatially(queryA, apart, { matching: { sortBy: "ratio" } }).matches.from.length).toBe(
      close.from.length,
    );
  });

  it("refuses what does not fit", () => {
    const refuses = (run: () => unknown, message: string) =>
      expect(run).toThrow(new RangeError(`verifySpatially: expected ${message}`));
    refuses(
      () => verifySpatially({ ...queryA, locations: new Float32Array(7) }, imageA),
      "`a.locations` to hold 50 x 2 = 100 numbers, got 7",
    );
    const locations = imageA.locations.slice();
    locations[9] = Number.NaN;
    refuses(
      () => verifySpatially(queryA, { ...imageA, locations }),
      "`b.locations` to be finite, got NaN for point 4",
    );
    refuses(
      () => verifySpatially(queryA, { ...imageA, descriptors: randomUnitRows(1, 50, 8) }),
      "`b.descriptors` to have 24 columns, got 8",
    );
    refuses(
      () => verifySpatially(queryA, imageA, { transform: "similarity" as "affine" }),
      '`transform` to be "affine" or "homography", got "similarity"',
    );
    refuses(
      () => verifySpatially(queryA, imageA, { estimation: { maxError: -1 } }),
      "`maxError` to be a number above 0, got -1",
    );
    refuses(
      () => verifySpatially(queryA, imageA, { matching: { maxDistance: -1 } }),
      "`maxDistance` to be above 0, got -1",
    );
  });
});

describe("countInliers", () => {
  it("verifies each query with its first neighbors, most inliers first", () => {
    const matches = countInliers(twoImages, database, neighbors);
    expect([matches.rows, matches.k]).toEqual([3, 4]);
    expect([...matches.ids.subarray(0, 2)]).toEqual([2, 0]);
    expect(matches.scores[0]).toBeGreaterThanOrEqual(41);
    expect(matches.scores[1]).toBeGreaterThanOrEqual(30);
    expect(matches.scores[2]).toBeLessThan(6);
    expect(matches.ids[4]).toBe(1);
    expect(matches.scores[4]).toBeGreaterThanOrEqual(32);
    // A missing neighbor, and a query without features.
    expect([matches.ids[7], matches.scores[7]]).toEqual([-1, -Infinity]);
    expect([...matches.ids.subarray(8)]).toEqual([0, 1, 2, 3]);
    expect([...matches.scores.subarray(8)]).toEqual([0, 0, 0, 0]);
    expect(rerankByInliers(neighbors, matches).ids.subarray(0, 2)).toEqual(Int32Array.of(2, 0));
  });

  it("counts for each pair what it counts for the pair alone", () => {
    const options = { transform: "homography", estimation: { seed: 9 } } as const;
    const matches = countInliers(twoImages, database, neighbors, options);
    const alone = verifySpatially(join([queryA, queryC]), imageC, options).inlierCount;
    expect(matches.scores[[...matches.ids].indexOf(2)]).toBe(alone);
  });

  it("verifies no more than the depth", () => {
    const matches = countInliers(twoImages, database, neighbors, { depth: 2 });
    expect(matches.k).toBe(2);
    expect([...matches.ids]).toEqual([0, 1, 2, 3, 0, 1]);
    const wide = { ids: new Int32Array(130).fill(-1), scores: new Float32Array(130), rows: 1, k: 130 };
    const none = { ...empty };
    expect(countInliers(none, database, wide).k).toBe(100);
  });

  it("gives nothing for no queries", () => {
    const nobody = { ...empty, starts: Uint32Array.of(0) };
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 5 };
    expect(countInliers(nobody, database, none)).toEqual({ ...none, k: 5 });
  });

  it("gives the same in threads", async () => {
    const expected = countInliers(twoImages, database, neighbors);
    for (const threads of [0, 1, 2]) {
      const stages: string[] = [];
      const onProgress = ({ stage }: { readonly stage: string }) => stages.push(stage);
      const options = { threads, onProgress };
      expect(await countInliersAsync(twoImages, database, neighbors, options)).toEqual(expected);
      expect(new Set(stages)).toEqual(new Set(["verify pairs"]));
    }
  });

  it("ends with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(countInliersAsync(twoImages, database, neighbors, { signal })).rejects.toThrow(
      new Error("enough"),
    );
  });

  it("refuses what does not fit", async () => {
    const refuses = (
      message: string,
      changed: { queries?: LocalFeatures; database?: LocalFeatures },
      options: CountInliersOptions = {},
    ) =>
      expect(() =>
        countInliers(changed.queries ?? twoImages, changed.database ?? database, neighbors, options),
      ).toThrow(new RangeError(`countInliers: expected ${message}`));
    refuses("`depth` to be a positive integer, got 0", {}, { depth: 0 });
    refuses("`queries` to have 3 rows, got 1", { queries: queryA });
    refuses("`neighbors.ids` to be -1 or a row number below 1, got 1 for query 0", { database: imageA });
    refuses("`database.starts` to go from 0 to 135, got 0 to 134", {
      database: { ...database, starts: Uint32Array.of(0, 50, 90, 134, 134) },
    });
    refuses("`database.starts` to ascend, got 40 after 50", {
      database: { ...database, starts: Uint32Array.of(0, 50, 40, 135, 135) },
    });
    refuses("`database.starts` to go from 0 to 135, got undefined to undefined", {
      database: { ...database, starts: new Uint32Array(0) },
    });
    refuses("`database.descriptors` to have 24 columns, got 8", {
      database: { ...imageA, descriptors: randomUnitRows(1, 50, 8) },
    });
    await expect(countInliersAsync(queryA, database, neighbors)).rejects.toThrow(
      new RangeError("countInliersAsync: expected `queries` to have 3 rows, got 1"),
    );
  });
});
