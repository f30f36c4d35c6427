import { type Compiled, compile, createState } from "@lmk/compile";
import { meanAveragePrecision, rankingsFromNeighbors } from "@lmk/eval";
import { exactSearch, type Matrix, normalizeRows } from "@lmk/index";
import { createEmbeddingModel, createResNet, gem, linearNeck, type NamedArrays } from "@lmk/models";
import { cosineSchedule, createTrainStep, sgd } from "@lmk/train";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { threads } from "../measure/settings.ts";
import { batchesOf, plainBatch, trainBatch } from "./batches.ts";
import type { LossEntry } from "./entry.ts";
import type { Images, LandmarkSet } from "./landmark-set.ts";
import { pretraining, training } from "./settings.ts";

/** What a network is worth after training with a loss. */
export interface Trial {
  /** mAP@100 of the queries, from 0 to 1. */
  readonly meanAveragePrecision: number;
  /** Mean loss of the last tenth of the steps. */
  readonly loss: number;
  readonly seconds: number;
}

/** Trains and scores networks on one data set. */
export interface Trials {
  /** The score of given weights. */
  score(weights: NamedArrays): Promise<number>;
  /** Trains a network with a loss on the seed's batches, and scores it. */
  run(
    entry: LossEntry,
    start: NamedArrays,
    how: { readonly seed: number; readonly rate: number },
  ): Promise<Trial>;
  close(): Promise<void>;
}

/** How one training runs. */
interface TrainingOptions {
  readonly seed: number;
  readonly rate: number;
  readonly steps: number;
}

const { size, classesPerBatch, imagesPerClass, warmupSteps } = training;
const batchSize = classesPerBatch * imagesPerClass;
const imagesSpec = { shape: [batchSize, size, size, 3] };

const model = createEmbeddingModel({
  backbone: createResNet(training.backbone, { width: training.width }),
  pooling: gem(),
  neck: linearNeck({ dimension: training.dimension }),
});

/** Random weights. */
export function randomWeights(seed: number): NamedArrays {
  return model.initialize({ seed });
}

/** Weights that a loss has learned on a data set, from random ones. */
export async function pretrain(
  set: LandmarkSet,
  entry: LossEntry,
  seed: number,
  how: { readonly steps: number; readonly rate: number } = pretraining,
): Promise<NamedArrays> {
  const start = randomWeights(seed);
  const { weights } = await train(set, entry, start, { seed, ...how });
  return weights;
}

/** Gets ready to train and score networks. */
export async function createTrials(set: LandmarkSet): Promise<Trials> {
  const state = createState(randomWeights(0));
  const network = await compile(
    ({ images }, weights) => ({
      outputs: { embedding: model.apply(weights, images as Tensor4D).embedding },
    }),
    { inputs: { images: imagesSpec }, state },
    { threads },
  );
  const score: Trials["score"] = async (weights) => {
    state.write(weights);
    const queries = await embed(network, set.queries);
    const neighbors = exactSearch(queries, await embed(network, set.index), { k: 100 });
    return meanAveragePrecision(rankingsFromNeighbors(neighbors), set.relevant);
  };
  return {
    score,
    run: async (entry, start, how) => {
      const started = performance.now();
      const { weights, loss } = await train(set, entry, start, { ...how, steps: training.steps });
      const meanAveragePrecision = await score(weights);
      return { meanAveragePrecision, loss, seconds: (performance.now() - started) / 1000 };
    },
    close: () => network.dispose(),
  };
}

async function train(
  set: LandmarkSet,
  entry: LossEntry,
  start: NamedArrays,
  { seed, rate, steps }: TrainingOptions,
): Promise<{ weights: NamedArrays; loss: number }> {
  const counts = new Int32Array(set.classCount);
  for (const index of set.train.classes) counts[index] += 1;
  const { dimension, momentum, weightDecay } = training;
  const { parameters, loss } = entry.create({ classes: set.classCount, dimension, counts, seed });
  const step = createTrainStep({
    parameters: { ...start, ...parameters },
    optimizer: sgd({ momentum, weightDecay }),
    loss: (current, { images, labels, draws }, context) => {
      const { embedding, statistics } = model.apply(current, images as Tensor4D, context);
      const result = loss({
        embeddings: embedding,
        labels: labels as Tensor1D,
        draws: draws as Tensor1D,
        weight: current["final.weight"] as Tensor2D,
        parameters: current,
      });
      if (!("loss" in result)) return { loss: result, statistics };
      return { loss: result.loss, statistics: { ...statistics, ...result.statistics } };
    },
  });
  const state = createState(step.state);
  const inputs = {
    images: imagesSpec,
    labels: { shape: [batchSize], dtype: "int32" as const },
    draws: { shape: [batchSize] },
    learningRate: { shape: [] },
  };
  const compiled = await compile(step.run, { inputs, state }, { threads });
  const schedule = cosineSchedule({ base: rate, minimum: rate / 100, steps: steps - warmupSteps });
  const losses: number[] = [];
  for (const [done, rows] of batchesOf(set, { seed, steps }).entries()) {
    const warmth = Math.min(1, (done + 1) / (warmupSteps + 1));
    const learningRate = Float32Array.of(warmth * schedule(Math.max(0, done - warmupSteps)));
    const outputs = await compiled.run({
      ...(await trainBatch(set, rows, { seed, step: done })),
      learningRate,
    });
    losses.push(outputs.loss.data[0]);
  }
  await compiled.dispose();
  const last = losses.slice(-Math.ceil(steps / 10));
  const trained = state.read();
  return {
    weights: Object.fromEntries(Object.keys(start).map((name) => [name, trained[name]])),
    loss: last.reduce((sum, value) => sum + value, 0) / last.length,
  };
}

async function embed(network: Compiled, images: Images): Promise<Matrix> {
  const { dimension } = training;
  const data = new Float32Array(images.count * dimension);
  for (let first = 0; first < images.count; first += batchSize) {
    const { embedding } = await network.run({ images: plainBatch(images, first, batchSize) });
    const rows = Math.min(batchSize, images.count - first);
    data.set((embedding.data as Float32Array).subarray(0, rows * dimension), first * dimension);
  }
  return normalizeRows({ data, rows: images.count, columns: dimension });
}
