import {
  allPairs,
  allTriplets,
  batchHard,
  contrastive,
  distanceWeighted,
  multiSimilarity,
  nearestSemiHard,
  ntXent,
  proxyAnchor,
  recallAtK,
  semiHard,
  smoothAp,
  supCon,
  triplet,
} from "@lmk/losses";
import { type Scalar, type Tensor1D, type Tensor2D, tensor2d } from "@tensorflow/tfjs-core";
import { type LossCase, sines } from "../loss-case.ts";

const size = 6;
const dimension = 4;

/** Embeddings of length 2 to 4, without a period and far from any change of the miners' choices. */
const embeddings = {
  shape: [size, dimension],
  data: Float32Array.from({ length: size * dimension }, (_, k) => 3 * Math.sin(5.25 + k + (k * k) / 9)),
};
const proxies = sines([3, dimension], 0.2);
const labels = Int32Array.of(0, 1, 0, 2, 1, 0);

/** Draws for each anchor and positive, as a random source would give. */
const draws = (rows: number): Tensor2D =>
  tensor2d(
    Float32Array.from({ length: rows * rows }, (_, k) => (0.37 * (k + 1)) % 1),
    [rows, rows],
  );

/** Embeddings whose row `i` is `rows[i]` of the ordinary ones times `factors[i]`. */
function rowsOf(rows: readonly number[], factors: readonly number[]): LossCase["arrays"][string] {
  const data = rows.flatMap((row, i) =>
    [...embeddings.data.slice(row * dimension, (row + 1) * dimension)].map((value) => value * factors[i]!),
  );
  return { shape: [rows.length, dimension], data: Float32Array.from(data) };
}

const one = [1, 1, 1, 1, 1, 1];
const extremes: LossCase["extremes"] = [
  {
    name: "equal embeddings, of one class and of two",
    arrays: { embeddings: rowsOf([0, 0, 0, 1, 1, 5], one) },
    labels,
  },
  {
    name: "embeddings all equal",
    arrays: { embeddings: rowsOf([0, 0, 0, 0, 0, 0], one) },
    labels,
  },
  {
    name: "opposite embeddings and one of length 0",
    arrays: { embeddings: rowsOf([0, 1, 0, 1, 4, 5], [1, 1, -1, -1, 0, 1]) },
    labels,
  },
  { name: "one class", arrays: { embeddings }, labels: new Int32Array(size) },
  { name: "no positives", arrays: { embeddings }, labels: Int32Array.of(0, 1, 2, 3, 4, 5) },
  { name: "one embedding", arrays: { embeddings: rowsOf([0], [1]) }, labels: Int32Array.of(0) },
];

type PairLoss = (embeddings: Tensor2D, labels: Tensor1D) => Scalar;

const losses: Readonly<Record<string, PairLoss>> = {
  contrastive: (x, y) => contrastive(x, y),
  "contrastive, linear, of nonzero": (x, y) =>
    contrastive(x, y, { cost: "linear", margin: 1.2, epsilon: 0, reduction: "mean-of-nonzero" }),
  "contrastive, batch hard": (x, y) =>
    contrastive(x, y, { margin: 1.5, normalize: false, miner: batchHard(), reduction: "sum" }),
  triplet: (x, y) => triplet(x, y, { margin: 0.5 }),
  "triplet, soft, all": (x, y) => triplet(x, y, { soft: true, miner: allTriplets() }),
  "triplet, squared, semi-hard": (x, y) =>
    triplet(x, y, { squared: true, margin: 1.5, miner: semiHard({ margin: 1.5 }), reduction: "sum" }),
  "triplet, nearest semi-hard": (x, y) =>
    triplet(x, y, { margin: 1, miner: nearestSemiHard(), reduction: "mean-of-nonzero" }),
  "triplet, distance-weighted": (x, y) =>
    triplet(x, y, { margin: 0.6, miner: distanceWeighted({ draws: draws(x.shape[0]) }) }),
  multiSimilarity: (x, y) => multiSimilarity(x, y, { beta: 10 }),
  "multiSimilarity, all pairs": (x, y) => multiSimilarity(x, y, { beta: 10, miner: allPairs() }),
  supCon: (x, y) => supCon(x, y, { temperature: 0.5 }),
  ntXent: (x, y) => ntXent(x, y, { temperature: 0.5 }),
  smoothAp: (x, y) => smoothAp(x, y, { temperature: 0.5 }),
  "smoothAp with the query": (x, y) => smoothAp(x, y, { temperature: 0.5, includeQuery: true }),
  recallAtK: (x, y) => recallAtK(x, y, { ks: [1, 2, 4], rankTemperature: 0.5 }),
};

const pairLosses: readonly LossCase[] = Object.entries(losses).map(([name, loss]) => ({
  name,
  arrays: { embeddings },
  labels,
  loss: (arrays, numbers) => loss(arrays.embeddings as Tensor2D, numbers),
  extremes,
}));

export const pairCases: readonly LossCase[] = [
  ...pairLosses,
  {
    name: "proxyAnchor",
    arrays: { embeddings, proxies },
    labels,
    loss: (arrays, numbers) =>
      proxyAnchor(arrays.embeddings as Tensor2D, arrays.proxies as Tensor2D, numbers, { scale: 4 }),
    extremes: [
      {
        name: "embeddings on, opposite to and without a direction beside their proxy",
        arrays: {
          proxies,
          embeddings: {
            shape: [3, dimension],
            data: Float32Array.of(
              ...proxies.data.slice(0, dimension),
              ...proxies.data.slice(0, dimension).map((value) => -value),
              ...new Float32Array(dimension),
            ),
          },
        },
        labels: Int32Array.of(0, 0, 1),
      },
      {
        name: "one class",
        arrays: { proxies: sines([1, dimension], 0.2), embeddings },
        labels: new Int32Array(size),
      },
    ],
  },
];
