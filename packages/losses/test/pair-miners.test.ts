import "@tensorflow/tfjs-backend-cpu";
import {
  allPairs,
  allTriplets,
  batchHard,
  distanceWeighted,
  type MinerInput,
  multiSimilarityPairs,
  nearestSemiHard,
  semiHard,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Classes 0, 0, 0, 1, 1, 2; the diagonal is what no miner may choose. */
const labels = [0, 0, 0, 1, 1, 2];
const distances = [
  [0, 0.3, 0.6, 0.5, 0.9, 0.705],
  [0.3, 0, 0.4, 0.2, 0.45, 1.3],
  [0.6, 0.4, 0, 1.1, 0.83, 1.2],
  [0.5, 0.2, 1.1, 0, 0.65, 1.35],
  [0.9, 0.45, 0.83, 0.65, 0, 0.64],
  [0.705, 1.3, 1.2, 1.35, 0.64, 0],
];

const isPositive = (i: number, j: number): boolean => i !== j && labels[i] === labels[j];
const isNegative = (i: number, j: number): boolean => labels[i] !== labels[j];

function input(dimension = 8): MinerInput {
  const mask = (of: (i: number, j: number) => boolean): tf.Tensor2D =>
    tf.tensor2d(labels.map((_, i) => labels.map((__, j) => Number(of(i, j)))));
  return {
    distances: tf.tensor2d(distances),
    positive: mask(isPositive),
    negative: mask(isNegative),
    dimension,
  };
}

/** The pairs of a mask with their weights, as "row column weight". */
const pairsOf = (mask: tf.Tensor2D): string[] =>
  (mask.arraySync() as number[][]).flatMap((row, i) =>
    row.flatMap((weight, j) => (weight === 0 ? [] : [`${i} ${j} ${weight}`])),
  );

const tripletsOf = (mined: ReturnType<ReturnType<typeof allTriplets>>): string[] => {
  if (mined.kind !== "triplets") throw new TypeError("expected weights of triplets");
  return (mined.weights.arraySync() as number[][][]).flatMap((pairs, i) =>
    pairs.flatMap((row, p) => row.flatMap((weight, n) => (weight === 0 ? [] : [`${i} ${p} ${n} ${weight}`]))),
  );
};

const all = labels.map((_, i) => i);
const triplets = (chosen: (i: number, p: number, n: number) => boolean): string[] =>
  all.flatMap((i) =>
    all.flatMap((p) =>
      all
        .filter((n) => isPositive(i, p) && isNegative(i, n) && chosen(i, p, n))
        .map((n) => `${i} ${p} ${n} 1`),
    ),
  );

describe("allPairs and allTriplets", () => {
  it("choose everything", () => {
    const { positive, negative } = input();
    const pairs = allPairs()(input());
    expect(pairsOf(pairs.positive)).toEqual(pairsOf(positive));
    expect(pairsOf(pairs.negative)).toEqual(pairsOf(negative));
    expect(tripletsOf(allTriplets()(input()))).toEqual(triplets(() => true));
  });
});

describe("batchHard", () => {
  it("chooses the farthest positive and the nearest negative of each anchor", () => {
    const mined = batchHard()(input());
    expect(mined.kind).toBe("anchors");
    expect(pairsOf(mined.positive)).toEqual(["0 2 1", "1 2 1", "2 0 1", "3 4 1", "4 3 1"]);
    expect(pairsOf(mined.negative)).toEqual(["0 3 1", "1 3 1", "2 4 1", "3 1 1", "4 1 1", "5 4 1"]);
  });

  it("shares the weight among ties", () => {
    const equal = { ...input(), distances: tf.fill([6, 6], 0.5) as tf.Tensor2D };
    const mined = batchHard()(equal);
    expect(pairsOf(mined.positive).slice(0, 2)).toEqual(["0 1 0.5", "0 2 0.5"]);
    expect(pairsOf(mined.negative).slice(-5)).toEqual(
      [0, 1, 2, 3, 4].map((j) => `5 ${j} ${Math.fround(0.2)}`),
    );
  });
});

describe("semiHard", () => {
  it("chooses triplets whose negative is farther than the positive by at most the margin", () => {
    const gap = (i: number, p: number, n: number): number => distances[i]![n]! - distances[i]![p]!;
    for (const margin of [0.2, 0.45]) {
      const expected = triplets((i, p, n) => gap(i, p, n) > 0 && gap(i, p, n) <= margin);
      expect(expected.length).toBeGreaterThan(1);
      expect(tripletsOf(semiHard({ margin })(input()))).toEqual(expected);
    }
    expect(tripletsOf(semiHard()(input()))).toEqual(tripletsOf(semiHard({ margin: 0.2 })(input())));
  });

  it("refuses a margin out of range", () => {
    expect(() => semiHard({ margin: -1 })).toThrow(
      new RangeError("semiHard: expected `margin` to be a finite number of at least 0, got -1"),
    );
  });
});

describe("nearestSemiHard", () => {
  it("chooses the nearest negative beyond the positive, or else the farthest negative", () => {
    const chosen = (i: number, p: number): number => {
      const negatives = all
        .filter((n) => isNegative(i, n))
        .sort((a, b) => distances[i]![a]! - distances[i]![b]!);
      return negatives.find((n) => distances[i]![n]! > distances[i]![p]!) ?? negatives.at(-1)!;
    };
    expect(tripletsOf(nearestSemiHard()(input()))).toEqual(triplets((i, p, n) => n === chosen(i, p)));
    // By hand: anchor 0 has its positives at 0.3 and 0.6, and negatives at 0.5, 0.705 and 0.9.
    expect(chosen(0, 1)).toBe(3);
    expect(chosen(0, 2)).toBe(5);
    const close = {
      ...input(),
      distances: tf.where(tf.cast(input().positive, "bool"), 5, input().distances),
    };
    const fallback = tripletsOf(nearestSemiHard()(close as MinerInput));
    expect(fallback).toContain("0 1 4 1");
    expect(fallback).toHaveLength(8);
  });
});

describe("multiSimilarityPairs", () => {
  it("chooses pairs that are hard beside the other kind, with 0.1 to spare", () => {
    const mined = multiSimilarityPairs()(input());
    // Anchor 0: nearest negative 0.5, farthest positive 0.6. Anchor 2: 0.83 and 0.6, too far apart for any pair.
    expect(pairsOf(mined.positive)).toEqual(["0 2 1", "1 0 1", "1 2 1", "3 4 1", "4 3 1"]);
    expect(pairsOf(mined.negative)).toEqual(["0 3 1", "1 3 1", "1 4 1", "3 0 1", "3 1 1", "4 1 1", "4 5 1"]);
  });

  it("spares more with a wider epsilon", () => {
    const mined = multiSimilarityPairs({ epsilon: 0.25 })(input());
    expect(pairsOf(mined.positive)).toContain("2 0 1");
    expect(pairsOf(mined.negative)).toContain("2 4 1");
    expect(pairsOf(mined.negative)).not.toContain("5 4 1");
  });

  it("refuses an epsilon out of range", () => {
    expect(() => multiSimilarityPairs({ epsilon: Number.NaN })).toThrow(
      new RangeError("multiSimilarityPairs: expected `epsilon` to be a finite number of at least 0, got NaN"),
    );
  });
});

describe("distanceWeighted", () => {
  /** 1 / q at a distance, below the limit. */
  const weight = (d: number, dimension: number, cutoff = 0.5, limit = 1.4): number => {
    const clipped = Math.max(d, cutoff);
    return d < limit ? clipped ** (2 - dimension) * (1 - clipped ** 2 / 4) ** ((3 - dimension) / 2) : 0;
  };

  /** The negative that a draw falls on. */
  function drawn(i: number, draw: number, weights: (d: number) => number): number {
    const shares = all.map((n) => (isNegative(i, n) ? weights(distances[i]![n]!) : 0));
    let rest = draw * shares.reduce((sum, share) => sum + share, 0);
    return all.find((n) => {
      rest -= shares[n]!;
      return rest < 0;
    })!;
  }

  const draws = all.map((i) => all.map((j) => (0.37 * (6 * i + j + 1)) % 1));

  it.each([
    ["the defaults", 8, {}],
    ["another dimension", 64, {}],
    ["a cutoff and a limit", 8, { cutoff: 0.8, limit: 1 }],
  ])(
    "chooses for each anchor and positive the negative that its draw falls on: %s",
    (_name, dimension, options) => {
      const mined = distanceWeighted({ draws: tf.tensor2d(draws), ...options })(input(dimension));
      const { cutoff, limit } = { cutoff: 0.5, limit: 1.4, ...options };
      const expected = triplets(
        (i, p, n) => n === drawn(i, draws[i]![p]!, (d) => weight(d, dimension, cutoff, limit)),
      );
      expect(expected).toHaveLength(8);
      expect(new Set(expected.map((triplet) => triplet.split(" ")[2])).size).toBeGreaterThan(2);
      expect(tripletsOf(mined)).toEqual(expected);
    },
  );

  it("has a cutoff of 0.5 and a limit of 1.4 by default", () => {
    // Anchor 3 weighs its negatives 0, 1, 2 and 5 with 75.2, 75.2, 1.39 and 0.755.
    expect([0.2, 0.5, 1.1, 1.35].map((d) => weight(d, 8))).toEqual(
      [75.2, 75.2, 1.389, 0.755].map((expected) => expect.closeTo(expected, 1)),
    );
    for (const [draw, negative] of [
      [0.49, 0],
      [0.496, 1],
      [0.994, 2],
      [0.999, 5],
    ]) {
      const mined = distanceWeighted({ draws: tf.fill([6, 6], draw!) })(input());
      expect(tripletsOf(mined)).toContain(`3 4 ${negative} 1`);
    }
  });

  it("leaves out anchors without a negative within the limit", () => {
    const mined = distanceWeighted({ draws: tf.tensor2d(draws), limit: 0.4 })(input());
    expect(tripletsOf(mined)).toEqual(["1 0 3 1", "1 2 3 1", "3 4 1 1"]);
  });

  it("refuses draws of another shape and options out of range", () => {
    const wrong = tf.zeros([2, 6]) as tf.Tensor2D;
    expect(() => distanceWeighted({ draws: wrong })(input())).toThrow(
      new RangeError("distanceWeighted: expected `draws` to have shape [6,6], got [2,6]"),
    );
    expect(() => distanceWeighted({ draws: wrong, cutoff: 0 })).toThrow(
      new RangeError("distanceWeighted: expected `cutoff` to be a finite number above 0, got 0"),
    );
    expect(() => distanceWeighted({ draws: wrong, limit: 0 })).toThrow(
      new RangeError("distanceWeighted: expected `limit` to be a finite number above 0, got 0"),
    );
    expect(() => distanceWeighted({ draws: wrong, cutoff: 2 })).toThrow(
      new RangeError("distanceWeighted: expected `cutoff` to be below 2, got 2"),
    );
  });
});
