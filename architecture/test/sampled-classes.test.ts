import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import * as compiler from "@lmk/compile";
import { arcFace, sampleClasses } from "@lmk/losses";
import {
  compiledEngine,
  constantSchedule,
  type Engine,
  eagerEngine,
  sgd,
  type TrainBatch,
  type TrainedModel,
  train,
} from "@lmk/train";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { matMul } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";

const classes = 2000;
const [batch, features, dimension] = [16, 24, 16];

/** Numbers from −1 to 1 that a seed decides on. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const prototypes = numbers(classes * features, 1);

/** Images of random classes, each its class's features and noise, with a sample of 5 % of the classes. */
async function* batches(from: number): AsyncGenerator<TrainBatch> {
  for (let step = from; ; step++) {
    const own = numbers(batch, 100 + step).map((value) => Math.floor((value + 1) * 20));
    const noise = numbers(batch * features, 5000 + step);
    const images = noise.map((value, i) => {
      const label = own[Math.floor(i / features)]!;
      return prototypes[label * features + (i % features)]! + 0.1 * value;
    });
    const sample = sampleClasses(Int32Array.from(own), { classes, rate: 0.05, seed: 3, step });
    yield {
      inputs: {
        images: { shape: [batch, features], data: images },
        labels: { shape: [batch], data: sample.labels },
      },
      rows: { "final.weight": sample.rows },
      images: batch,
    };
  }
}

/** A linear embedding and ArcFace on the sampled class rows. */
async function trained(engine: Engine, steps: number): Promise<TrainedModel & { losses: number[] }> {
  const losses: number[] = [];
  const model = await train({
    engine,
    loss: (parameters, { images, labels }) => {
      const embeddings = matMul(images as Tensor2D, parameters["body.weight"] as Tensor2D) as Tensor2D;
      const rows = parameters["final.weight"] as Tensor2D;
      return { loss: arcFace(embeddings, rows, labels as Tensor1D, { scale: 16, margin: 0.1 }) };
    },
    parameters: {
      "body.weight": { shape: [features, dimension], data: numbers(features * dimension, 7) },
      "final.weight": { shape: [classes, dimension], data: numbers(classes * dimension, 8) },
    },
    optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
    schedule: constantSchedule({ base: 0.1 }),
    sampledRows: ["final.weight"],
    clipNorm: 20,
    batches,
    steps,
    callbacks: [{ onStep: ({ loss }) => void losses.push(loss) }],
  });
  return { ...model, losses };
}

describe("ArcFace on sampled classes, trained", () => {
  const compiled = compiledEngine(compiler, { provider: "cpu", threads: 1 });

  it("gives compiled what it gives eagerly, to 1e-5", async () => {
    const expected = await trained(eagerEngine({ backend: "cpu" }), 3);
    const actual = await trained(compiled, 3);
    for (const [name, { shape, data }] of Object.entries(expected.parameters)) {
      expect(actual.parameters[name]!.shape).toEqual(shape);
      const differences = actual.parameters[name]!.data.map((value, i) => Math.abs(value - data[i]!));
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    }
    const initial = numbers(classes * dimension, 8);
    const moved = new Set<number>();
    expected.parameters["final.weight"]!.data.forEach((value, i) => {
      if (value !== initial[i]) moved.add(Math.floor(i / dimension));
    });
    // Three samples of 100 classes, which share some.
    expect(moved.size).toBeGreaterThan(250);
    expect(moved.size).toBeLessThan(300);
  });

  it("lowers the loss", async () => {
    const { losses } = await trained(compiled, 60);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.3 * mean(losses.slice(0, 5)));
  });
});
