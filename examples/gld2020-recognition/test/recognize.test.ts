import type { Neighbors } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../src/evidence.ts";
import { type ListName, neededLists } from "../src/list-names.ts";
import { presets } from "../src/presets.ts";
import { cosineScale, recognize } from "../src/recognize.ts";
import type { Way } from "../src/way.ts";

const { recognition } = presets.paper;
const members = ["b7", "b6"] as const;

/** One list for each test image; −1 for no neighbor. */
function lists(...rows: readonly (readonly (readonly [id: number, score: number])[])[]): Neighbors {
  const k = rows[0]!.length;
  const flat = rows.flat();
  return {
    ids: Int32Array.from(flat, ([id]) => id),
    scores: Float32Array.from(flat, ([, score]) => score),
    rows: rows.length,
    k,
  };
}

/** Evidence of these lists; a way that reads another one fails. */
function evidenceOf(labels: readonly number[], given: Partial<Record<ListName, Neighbors>>): Evidence {
  const list = (name: ListName): Neighbors => {
    if (given[name] === undefined) throw new Error(`no ${name}`);
    return given[name];
  };
  return { labels: Int32Array.from(labels), members, list };
}

function recognized(way: Way, evidence: Evidence, config = recognition): [label: number, score: number][] {
  const { labels, scores } = recognize(way, evidence, config).predictions;
  return [...labels].map((label, row) => [label, scores[row]!]);
}

const fusion = {
  kind: "fusion",
  networks: "ensemble",
  neighborPower: 9,
  headPower: 10,
  ranking: false,
  rules: false,
} as const;

/** The write-up's example: images of class 1, 2, 2, 1 and 3; the head gives 2 0.88 and 1 0.75. */
const worked = evidenceOf([1, 2, 2, 1, 3], {
  "ensemble/test-gallery": lists([
    [0, 0.9],
    [1, 0.8],
    [2, 0.7],
    [3, 0.5],
    [4, 0.45],
  ]),
  "ensemble/test-classes": lists([
    [2, 0.88],
    [1, 0.75],
  ]),
});

describe("the submitted fusion", () => {
  it("lets class 2 win in the write-up's example, with the powers of either text", () => {
    const [[label, score]] = recognized(fusion, worked) as [[number, number]];
    expect([label, score]).toEqual([2, expect.closeTo(0.0486183, 6)]);
    const [[, earlier]] = recognized({ ...fusion, neighborPower: 8, headPower: 12 }, worked) as [[0, number]];
    expect(earlier).toBeCloseTo(0.0486166, 6);
  });

  it("is not what neighbors or the head alone say", () => {
    const neighbors = { kind: "neighbors", networks: "ensemble", neighborCount: 5, power: 8 } as const;
    expect(recognized(neighbors, worked)).toEqual([[1, expect.closeTo(0.434373, 6)]]);
    expect(recognized({ ...neighbors, neighborCount: 1, power: 1 }, worked)).toEqual([
      [1, expect.closeTo(0.9, 6)],
    ]);
    expect(recognized({ kind: "head", networks: "ensemble" }, worked)).toEqual([
      [2, expect.closeTo(0.88, 6)],
    ]);
  });
});

/** Two test images. Image 0 of landmark 7 looks like images without a landmark, image 1 of landmark 8 does not. */
const noisy = {
  "ensemble/test-gallery": lists(
    [
      [0, 0.8],
      [1, 0.7],
    ],
    [
      [1, 0.6],
      [0, 0.5],
    ],
  ),
  "ensemble/test-classes": lists(
    [
      [7, 1],
      [8, 1],
    ],
    [
      [8, 1],
      [7, 1],
    ],
  ),
  "ensemble/gallery-non-landmarks": lists([[0, 0.6]], [[0, 0.1]]),
  "ensemble/test-non-landmarks": lists(
    [
      [0, 0.4],
      [1, 0.4],
      [2, 0.4],
    ],
    [
      [1, 0.3],
      [0, 0.2],
      [2, 0.1],
    ],
  ),
} as const;

describe("what is added to the fusion", () => {
  it("ranks by A − B and takes C from the 19th root of the score", () => {
    // A − B: 0.8 − 0.6 and 0.7 − 0.1; then 0.6 − 0.1 and 0.5 − 0.6, which does not vote. C: 0.4 and 0.2.
    expect(recognized({ ...fusion, ranking: true }, evidenceOf([7, 8], noisy))).toEqual([
      [8, expect.closeTo(0.6 ** (9 / 19) - 0.4, 6)],
      [8, expect.closeTo(0.5 ** (9 / 19) - 0.2, 6)],
    ]);
  });

  it("lowers what the third image without a landmark is nearer to than 0.3, and frequent landmarks", () => {
    const way = { ...fusion, rules: true };
    expect(recognized(way, evidenceOf([7, 8], noisy))).toEqual([
      [7, expect.closeTo(0.8 ** (9 / 19) - 1.5 * 0.4, 6)],
      [8, expect.closeTo(0.6 ** (9 / 19), 6)],
    ]);
    const config = {
      ...recognition,
      nonLandmarkRules: { ...recognition.nonLandmarkRules, mostPredictions: 1 },
    };
    // Both test images have one landmark.
    expect(recognized(way, evidenceOf([7, 7], noisy), config)[1]).toEqual([
      7,
      expect.closeTo((0.6 ** 9 + 0.5 ** 9) ** (1 / 19) - 2, 6),
    ]);
  });

  it("follows A − B − C by the rules where both are asked for", () => {
    expect(recognized({ ...fusion, ranking: true, rules: true }, evidenceOf([7, 8], noisy))).toEqual([
      [8, expect.closeTo(0.6 ** (9 / 19) - 0.4 - 0.6, 6)],
      [8, expect.closeTo(0.5 ** (9 / 19) - 0.2, 6)],
    ]);
  });

  it("changes no order by taking the root", () => {
    const scores = Float64Array.of(1e-86, 3e-12, 0.5, 0, -Infinity);
    const rooted = cosineScale({ labels: Int32Array.of(1, 1, 1, 1, -1), scores }, 19).scores;
    expect(rooted[1]).toBeCloseTo(0.247476, 6); // e^(ln(3e-12) / 19)
    expect([...rooted].sort((a, b) => a - b)).toEqual([4, 3, 0, 1, 2].map((row) => rooted[row]));
    expect(rooted[4]).toBe(-Infinity);
  });
});

describe("the first place's ranking", () => {
  const summed = { kind: "summed", terms: "A", quantiles: false } as const;
  const given = {
    // Four gallery images, of which a network's best three vote.
    "b7/test-gallery": lists([
      [0, 0.9],
      [1, 0.5],
      [2, 0.4],
      [3, 0.3],
    ]),
    "b6/test-gallery": lists([
      [3, 0.8],
      [2, 0.7],
      [0, 0.6],
      [1, -0.2],
    ]),
    "b7/gallery-non-landmarks": lists([[0, 0.8]], [[0, 0.1]], [[0, 0.1]], [[0, 0]]),
    "b6/gallery-non-landmarks": lists([[0, 0.5]], [[0, 0]], [[0, 0]], [[0, 0]]),
    "ensemble/test-non-landmarks": lists([
      [0, 0.3],
      [1, 0.1],
    ]),
  } as const;
  const evidence = evidenceOf([5, 6, 6, 9], given);

  it("sums the three best of each network by landmark", () => {
    // 5: 0.9 + 0.6; 6: 0.5 + 0.4 + 0.7; 9: 0.8.
    expect(recognized(summed, evidence)).toEqual([[6, expect.closeTo(1.6, 6)]]);
  });

  it("takes B from searched images and C from test images", () => {
    // b7: 0.4, 0.3 and 0.3, of images 1, 2 and 3; b6: 0.8, 0.7 and 0.1, of images 3, 2 and 0. 9: 0.3 + 0.8.
    expect(recognized({ ...summed, terms: "A-B" }, evidence)).toEqual([[6, expect.closeTo(1.4, 6)]]);
    expect(recognized({ ...summed, terms: "A-B-C" }, evidence)).toEqual([[6, expect.closeTo(1.2, 6)]]);
  });

  it("reads other lists with quantiles", () => {
    const names = neededLists({ ...summed, terms: "A-B-C", quantiles: true }, members);
    expect(names).toEqual([
      "b7-quantiles/test-gallery",
      "b6-quantiles/test-gallery",
      "b7-quantiles/gallery-non-landmarks",
      "b6-quantiles/gallery-non-landmarks",
      "ensemble-quantiles/test-non-landmarks",
    ]);
    const renamed = Object.entries(given).map(([name, list]) => [name.replace("/", "-quantiles/"), list]);
    const quantiles = evidenceOf([5, 6, 6, 9], Object.fromEntries(renamed));
    const way = { kind: "summed", terms: "A-B-C", quantiles: true } as const;
    expect(recognized(way, quantiles)).toEqual([[6, expect.closeTo(1.2, 6)]]);
  });

  it("counts the lists that a longer shortlist might change", () => {
    const short = { ...given, "b7/test-gallery": lists([[0, 0.9]]) };
    expect(
      recognize({ ...summed, terms: "A-B" }, evidenceOf([5, 6, 6, 9], short), recognition).unproven,
    ).toBe(1);
    expect(recognize({ ...summed, terms: "A-B" }, evidence, recognition).unproven).toBe(0);
  });
});
