import type { Matrix } from "@lmk/index";
import type { Neighbors } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { joinLabelled, labelImages } from "../src/image-labels.ts";
import { recognitionDescriptors } from "../src/recognition-descriptor.ts";
import { recognizeLandmarks } from "../src/recognition-ranking.ts";
import { mergeRankings, rankHard, rankSoftly } from "../src/retrieval-ranking.ts";
import { imagesByLabel, unprovenQueries, withSameLabel } from "../src/same-label.ts";

type Found = readonly (readonly [id: number, score: number])[];

/** One list for each image. */
function lists(...rows: readonly Found[]): Neighbors {
  const flat = rows.flat();
  return {
    ids: Int32Array.from(flat, ([id]) => id),
    scores: Float32Array.from(flat, ([, score]) => score),
    rows: rows.length,
    k: rows[0]!.length,
  };
}

/** What a list holds: ids with scores of three digits. */
function found({ ids, scores, rows, k }: Neighbors): [number, number][][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: k }, (_, i): [number, number] => [
      ids[row * k + i]!,
      Number(scores[row * k + i]!.toFixed(3)),
    ]).filter(([id]) => id >= 0),
  );
}

function matrix(...rows: readonly (readonly number[])[]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]!.length };
}

/** Images 0 to 2 of landmark 7, 3 of landmark 8. */
const labels = Int32Array.of(7, 7, 7, 8);

/** Labelled images near three index images; 0 and 2 are of the query's landmark. */
const indexLabelled = lists(
  [
    [0, 0.6],
    [1, 0.3],
    [3, 0.3],
  ],
  [
    [3, 0.9],
    [0, 0.3],
    [1, 0.3],
  ],
  [
    [0, 0.9],
    [1, 0.9],
    [2, 0.9],
  ],
);
const queryLabelled = lists([
  [0, 0.9],
  [3, 0.6],
  [1, 0.6],
]);

/** One query and these index images; 2 is far from it. */
const evidence = {
  queryIndex: lists([
    [1, 0.8],
    [0, 0.7],
    [2, 0.2],
  ]),
  queryLabels: labelImages(queryLabelled, labels),
  indexLabels: labelImages(indexLabelled, labels),
};

describe("labels", () => {
  it("are those with the largest sum of three cosines, and how sure is one of three readings", () => {
    const score = (labelScore: "vote_mean" | "mean3" | "sum3") => {
      const predictions = labelImages(indexLabelled, labels, { labelScore });
      expect([...predictions.labels]).toEqual([7, 8, 7]);
      return [...predictions.scores].map((value) => Number(value.toFixed(3)));
    };
    expect(score("vote_mean")).toEqual([0.3, 0.3, 0.9]);
    expect(score("mean3")).toEqual([0.4, 0.5, 0.9]);
    expect(score("sum3")).toEqual([1.2, 1.5, 2.7]);
  });

  it("are those of two sets of labelled images together", () => {
    const others = lists([
      [0, 0.95],
      [1, 0.5],
    ]);
    const { nearest, labels: all } = joinLabelled([queryLabelled, others], [labels, Int32Array.of(8, 9)], 3);
    expect(found(nearest)).toEqual([
      [
        [4, 0.95],
        [0, 0.9],
        [1, 0.6], // of equal scores the smaller number
      ],
    ]);
    expect([...labelImages(nearest, all).labels]).toEqual([7]);
    expect([...all]).toEqual([7, 7, 7, 8, 8, 9]);
  });
});

describe("the soft ranking", () => {
  it("adds the index image's confidence where landmarks agree, and else takes a tenth of it", () => {
    expect(found(rankSoftly(evidence))).toEqual([
      [
        [2, 1.1], // 0.2 + 0.9
        [0, 1], // 0.7 + 0.3
        [1, 0.77], // 0.8 − 0.1 · 0.3
      ],
    ]);
  });

  it("has other numbers as options", () => {
    const indexLabels = labelImages(indexLabelled, labels, { labelScore: "sum3" });
    expect(found(rankSoftly({ ...evidence, indexLabels }, { up: 0.5, down: 1, k: 2 }))).toEqual([
      [
        [2, 1.55], // 0.2 + 0.5 · 2.7
        [0, 1.3], // 0.7 + 0.5 · 1.2
      ],
    ]);
  });

  it("keeps 750 of each list", () => {
    expect(rankSoftly(evidence).k).toBe(750);
  });

  /** As long as lists of two of the three are: image 2, of the query's landmark, is not in it. */
  const queryIndex = lists([
    [1, 0.8],
    [0, 0.7],
  ]);
  const embeddings = matrix([0.7, 0.1], [0.8, 0], [0.2, 0.9]);
  const read: number[] = [];
  const complete = () =>
    withSameLabel(queryIndex, {
      queryLabels: evidence.queryLabels.labels,
      images: imagesByLabel(evidence.indexLabels.labels),
      queries: matrix([1, 0]),
      readIndex: async (images) => {
        read.push(...images);
        return matrix(...[...images].map((image) => [...embeddings.data.subarray(image * 2, image * 2 + 2)]));
      },
    });

  it("finds images of the query's landmark that are not near it, as in the whole index", async () => {
    const lists = await complete();
    expect(found(lists)).toEqual(found(evidence.queryIndex));
    expect(read).toEqual([2]);
    expect(rankSoftly({ ...evidence, queryIndex: lists })).toEqual(rankSoftly(evidence));
  });

  it("counts queries that an image might lack which is neither near nor of the landmark", async () => {
    const ranked = (k: number) => rankSoftly({ ...evidence, queryIndex: all }, { k });
    const all = await complete();
    const short = { ...evidence, queryIndex };
    // No other image has more than 0.7 − 0.1 · 0.3; the second has 1, the third 0.77.
    expect(unprovenQueries(short, ranked(3), 0.1)).toBe(0);
    const near = lists([
      [1, 0.9],
      [0, 0.85],
    ]);
    expect(unprovenQueries({ ...evidence, queryIndex: near }, ranked(3), 0.1)).toBe(1);
    expect(unprovenQueries(evidence, ranked(3), 0.1)).toBe(0);
  });
});

describe("the merged ranking", () => {
  it("adds scores up, counts absent images as 0 and keeps 100", () => {
    const first = lists([
      [4, 0.9],
      [5, 0.5],
    ]);
    const second = lists([
      [5, 0.5],
      [6, -0.1],
    ]);
    const merged = mergeRankings([first, second]);
    expect(found(merged)).toEqual([
      [
        [5, 1],
        [4, 0.9],
        [6, -0.1],
      ],
    ]);
    expect(merged.k).toBe(100);
    expect(found(mergeRankings([first, second], 1))).toEqual([[[5, 1]]]);
  });
});

describe("the hard ranking", () => {
  const short = { ...evidence, queryIndex: lists([evidence.queryIndex].map(() => [1, 0.8] as const)) };

  it("puts images of the landmark first", () => {
    expect(found(rankHard(evidence))[0]?.map(([id]) => id)).toEqual([0, 2, 1]);
  });

  it("inserts images that were not found, where both labels are sure", () => {
    // The query is sure by 0.5; image 0 by 0.3 and image 2 by 0.9.
    expect(found(rankHard(short))[0]?.map(([id]) => id)).toEqual([2, 0, 1]);
    expect(found(rankHard(short, { above: 1 }))[0]?.map(([id]) => id)).toEqual([2, 1]);
  });
});

describe("recognition", () => {
  it("averages each kind and sets the means side by side", () => {
    const kinds = [[matrix([2, 0]), matrix([0, 5])], [matrix([0, -3])]];
    const { data, columns } = recognitionDescriptors(kinds);
    const half = expect.closeTo(0.5, 6);
    expect([columns, ...data]).toEqual([4, half, half, 0, expect.closeTo(-Math.SQRT1_2, 6)]);
  });

  it("makes 1,536 numbers of eight networks' 512", () => {
    const one = matrix(Array.from({ length: 512 }, (_, i) => Math.sin(i + 1)));
    const { columns, rows } = recognitionDescriptors([
      [one, one, one],
      [one, one, one],
      [one, one],
    ]);
    expect([rows, columns]).toEqual([1, 1536]);
  });

  it("refuses a kind without members or with members of another size", () => {
    expect(() => recognitionDescriptors([[]])).toThrow("expected `kinds[0]` to have a member, got none");
    expect(() => recognitionDescriptors([[matrix([1, 0]), matrix([1, 0], [0, 1])]])).toThrow(
      "expected members of `kinds[0]` to be 1 × 2, got 2 × 2",
    );
  });

  /** Two test images, four gallery images of landmarks 7, 7, 7 and 8; image 0 is like images without a landmark. */
  const four = {
    testGallery: lists(
      [
        [0, 0.9],
        [3, 0.8],
        [1, 0.5],
        [2, 0.4],
      ],
      [
        [2, 0.6],
        [1, 0.1],
        [3, -0.5],
        [0, -0.6],
      ],
    ),
    galleryNonLandmarks: lists(
      ...[0.8, 0.1, 0.2, 0.3].map(
        (score): Found => [
          [0, score + 0.1],
          [1, score - 0.1],
        ],
      ),
    ),
    testNonLandmarks: lists(
      [
        [0, 0.3],
        [1, 0.1],
      ],
      [
        [1, 0.2],
        [0, 0],
      ],
    ),
    labels,
  };
  const answers = (options = {}) => {
    const { predictions, unproven } = recognizeLandmarks(four, options);
    return [
      [...predictions.labels],
      [...predictions.scores].map((score) => Number(score.toFixed(3))),
      unproven,
    ];
  };

  it("adds up A − B by landmark and takes C", () => {
    // A − B of image 1: 8: 0.5; 7: 0.4, 0.2 and 0.1, of which the last is fourth. C: 0.2 and 0.1.
    // Of image 2: 7: 0.4 and 0, then 8: 0 − 0.3.
    expect(answers()).toEqual([[7, 7], [0.4, 0.3], 0]);
    expect(answers({ neighborCount: 1, weight: 2 })).toEqual([[8, 7], [0.1, 0.2], 0]);
  });

  it("averages as many images without a landmark as it is told", () => {
    // B is 0.9, 0.2, 0.3 and 0.4; C is 0.3 and 0.2.
    expect(answers({ galleryCount: 1, testCount: 1, neighborCount: 1 })).toEqual([[8, 7], [0.1, 0.1], 0]);
  });

  it("counts test images whose lists may be too short", () => {
    const testGallery = lists([[0, 0.9]], [[2, 0.6]]);
    expect(recognizeLandmarks({ ...four, testGallery }, { neighborCount: 1 }).unproven).toBe(2);
    expect(recognizeLandmarks(four).unproven).toBe(0);
  });
});
