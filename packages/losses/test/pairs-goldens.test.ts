import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import {
  allPairs,
  allTriplets,
  batchHard,
  contrastive,
  type MinedPairs,
  multiSimilarity,
  multiSimilarityPairs,
  nearestSemiHard,
  ntXent,
  proxyAnchor,
  recallAtK,
  semiHard,
  smoothAp,
  supCon,
  triplet,
  type WeightedTriplets,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

interface Golden {
  readonly labels: readonly number[];
  readonly value: number;
  readonly arrays: Readonly<
    Record<string, { shape: [number, number]; data: readonly number[]; gradient: readonly number[] }>
  >;
}

const goldens: Readonly<Record<string, Golden>> = JSON.parse(
  readFileSync(new URL("./golden/pairs.json", import.meta.url), "utf8"),
);

/** cirtorch's tuples in rows: a query, its positive and three negatives, twice. */
const queries = [0, 5];

/** The pairs of a query with the rest of its tuple. */
function pairsOfTuples(): MinedPairs {
  const [positive, negative] = [[1], [2, 3, 4]].map((others) => {
    const weights = tf.buffer([10, 10]);
    for (const query of queries) for (const other of others) weights.set(1, query, query + other);
    return weights.toTensor() as tf.Tensor2D;
  });
  return { positive: positive!, negative: negative! };
}

/** The triplets of a query, its positive and one of its tuple's negatives. */
function tripletsOfTuples(): WeightedTriplets {
  const weights = tf.buffer([10, 10, 10]);
  for (const query of queries) {
    for (const other of [2, 3, 4]) weights.set(1, query, query + 1, query + other);
  }
  return { kind: "triplets", weights: weights.toTensor() as tf.Tensor3D };
}

type Loss = (embeddings: tf.Tensor2D, labels: tf.Tensor1D, proxies?: tf.Tensor2D) => tf.Scalar;

const reductionOfPml = "mean-of-nonzero" as const;
const losses: Readonly<Record<string, Loss>> = {
  "contrastive, cirtorch": (x, y) => contrastive(x, y, { reduction: "sum" }),
  "contrastive, cirtorch, epsilon of 0.05": (x, y) => contrastive(x, y, { reduction: "sum", epsilon: 0.05 }),
  "contrastive, pytorch-metric-learning": (x, y) =>
    contrastive(x, y, { margin: 1, cost: "linear", reduction: reductionOfPml, epsilon: 0 }),
  "contrastive, margins": (x, y) =>
    contrastive(x, y, {
      margin: 0.9,
      positiveMargin: 0.3,
      cost: "linear",
      reduction: reductionOfPml,
      epsilon: 0,
    }),
  "contrastive, cirtorch, tuples": (x, y) =>
    contrastive(x, y, { reduction: "sum", epsilon: 0.05, miner: pairsOfTuples }),
  "triplet, cirtorch": (x, y) =>
    triplet(x, y, { margin: 0.1, squared: true, reduction: "sum", miner: tripletsOfTuples }),
  "triplet, 2021 second place": (x, y) => triplet(x, y),
  "triplet, 2021 second place, soft": (x, y) => triplet(x, y, { soft: true }),
  "triplet, all": (x, y) => triplet(x, y, { miner: allTriplets(), reduction: reductionOfPml }),
  "triplet, all, soft": (x, y) => triplet(x, y, { miner: allTriplets(), margin: 0.3, soft: true }),
  "triplet, batch hard": (x, y) => triplet(x, y, { miner: batchHard(), reduction: reductionOfPml }),
  "triplet, semi-hard": (x, y) =>
    triplet(x, y, { margin: 0.4, miner: semiHard({ margin: 0.4 }), reduction: reductionOfPml }),
  "triplet, nearest semi-hard": (x, y) => triplet(x, y, { margin: 1, miner: nearestSemiHard() }),
  "triplet, squared, raw": (x, y) =>
    triplet(x, y, {
      margin: 0.5,
      squared: true,
      normalize: false,
      miner: allTriplets(),
      reduction: reductionOfPml,
    }),
  "multiSimilarity, all pairs": (x, y) => multiSimilarity(x, y, { miner: allPairs() }),
  multiSimilarity: (x, y) => multiSimilarity(x, y, { miner: multiSimilarityPairs() }),
  proxyAnchor: (x, y, proxies) => proxyAnchor(x, proxies!, y),
  supCon: (x, y) => supCon(x, y),
  ntXent: (x, y) => ntXent(x, y),
  "ntXent, temperature 0.5": (x, y) => ntXent(x, y, { temperature: 0.5 }),
  smoothAp: (x, y) => smoothAp(x, y, { includeQuery: true }),
  "smoothAp, temperature 0.1": (x, y) => smoothAp(x, y, { includeQuery: true, temperature: 0.1 }),
  recallAtK: (x, y) => recallAtK(x, y, { includeQuery: true }),
  "recallAtK, wide": (x, y) =>
    recallAtK(x, y, { includeQuery: true, ks: [1, 2, 4], rankTemperature: 0.1, depthTemperature: 0.5 }),
};

describe("pair losses beside their references", () => {
  it("has a loss for every golden", () => {
    expect(Object.keys(losses).sort()).toEqual(Object.keys(goldens).sort());
  });

  it.each(Object.keys(losses))("gives the value and the gradients of: %s", (name) => {
    const golden = goldens[name]!;
    const names = Object.keys(golden.arrays);
    const { value, gradients } = tf.tidy(() => {
      const labels = tf.tensor1d([...golden.labels], "int32");
      const f = (...[x, proxies]: tf.Tensor[]): tf.Scalar =>
        losses[name]!(x as tf.Tensor2D, labels, proxies as tf.Tensor2D);
      const inputs = names.map((key) =>
        tf.tensor2d([...golden.arrays[key]!.data], golden.arrays[key]!.shape),
      );
      const result = tf.valueAndGrads(f)(inputs);
      return {
        value: result.value.dataSync()[0]!,
        gradients: result.grads.map((gradient) => gradient.dataSync()),
      };
    });
    expect(Math.abs(value / golden.value - 1)).toBeLessThan(1e-5);
    names.forEach((key, n) => {
      const expected = golden.arrays[key]!.gradient;
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale).toBeGreaterThan(0);
      expected.forEach((slope, i) => {
        const difference = Math.abs(gradients[n]![i]! - slope) / scale;
        expect(difference, `${key}[${i}]: ${gradients[n]![i]}, ${slope}`).toBeLessThan(2e-5);
      });
    });
  });
});
