import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import {
  adam,
  adamW,
  eagerEngine,
  isVector,
  type Optimizer,
  sgd,
  type TrainBatch,
  type TrainOptions,
  train,
} from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";

interface Golden {
  readonly weight: number[];
  readonly bias: number[];
  readonly norms: number[];
}

const { rates, cases } = JSON.parse(
  readFileSync(new URL("golden/optimizers.json", import.meta.url), "utf8"),
) as { rates: number[]; cases: Record<string, Golden> };

const sines = (count: number, offset: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) => Math.sin(offset + k));

/** Batches that are the gradients: the loss is linear in the parameters. */
async function* gradients(from: number): AsyncGenerator<TrainBatch> {
  for (let step = from; ; step++) {
    yield {
      inputs: {
        weight: { shape: [4], data: sines(4, 2 * step) },
        bias: { shape: [2], data: sines(2, 2 * step + 0.5) },
      },
      images: 1,
    };
  }
}

const options = (): TrainOptions => ({
  engine: eagerEngine({ backend: "cpu" }),
  loss: (p, x) => ({
    loss: tf.add(tf.sum(tf.mul(p.weight!, x.weight!)), tf.sum(tf.mul(p.bias!, x.bias!))) as tf.Scalar,
  }),
  parameters: {
    weight: { shape: [4], data: sines(4, 0.3) },
    bias: { shape: [2], data: sines(2, 1.3) },
  },
  optimizer: sgd(),
  schedule: (step) => rates[step]!,
  steps: 6,
  batches: gradients,
});

async function run(optimizer: Optimizer, changes: Partial<TrainOptions> = {}): Promise<Golden> {
  const norms: number[] = [];
  const { parameters } = await train({
    ...options(),
    optimizer,
    callbacks: [{ onStep: ({ metrics }) => void (metrics.gradientNorm && norms.push(metrics.gradientNorm)) }],
    ...changes,
  });
  return { weight: [...parameters.weight!.data], bias: [...parameters.bias!.data], norms };
}

const close = (golden: Golden): Golden => ({
  weight: golden.weight.map((value) => expect.closeTo(value, 5)),
  bias: golden.bias.map((value) => expect.closeTo(value, 5)),
  norms: golden.norms.map((value) => expect.closeTo(value, 5)),
});

const biases = { name: "biases", match: /bias/, learningRate: 2, weightDecay: 0 };

describe("optimizers", () => {
  it.each<[string, Optimizer, Partial<TrainOptions>?]>([
    ["sgd", sgd({ momentum: 0, weightDecay: 0 })],
    ["sgd momentum decay", sgd({ momentum: 0.9, weightDecay: 0.05 })],
    ["sgd nesterov", sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.05 })],
    ["sgd groups", sgd({ weightDecay: 0.05 }), { groups: [biases] }],
    ["sgd clip", sgd({ weightDecay: 0 }), { clipNorm: 1.5 }],
    ["adam", adam()],
    ["adam decay", adam({ beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.05 })],
    ["adam amsgrad", adam({ amsgrad: true, beta1: 0.5, beta2: 0.6 })],
    ["adamW", adamW()],
    ["adamW decay", adamW({ weightDecay: 0.3 })],
  ])("%s gives PyTorch's parameters after six steps", async (name, optimizer, options) => {
    expect(await run(optimizer, options)).toEqual(close(cases[name]!));
  });

  it("moves by the learning rate in Adam's first step, whatever the gradient", async () => {
    const { weight } = await run(adam(), { steps: 1 });
    sines(4, 0.3).forEach((start, i) => {
      expect(weight[i]! - start).toBeCloseTo(-0.1 * Math.sign(sines(4, 0)[i]!), i === 0 ? 0 : 5);
    });
  });

  it("keep momentum 0.9 and weight decay 1e-5 in sgd unless told otherwise", async () => {
    expect(await run(sgd())).toEqual(await run(sgd({ momentum: 0.9, weightDecay: 1e-5, nesterov: false })));
    expect(await run(sgd())).not.toEqual(await run(sgd({ weightDecay: 0 })));
  });

  it("refuse numbers out of range", () => {
    expect(() => sgd({ momentum: 1 })).toThrow(
      new RangeError("sgd: expected `momentum` to be from 0 to below 1, got 1"),
    );
    expect(() => sgd({ weightDecay: -1 })).toThrow(
      new RangeError("sgd: expected `weightDecay` to be a finite number of at least 0, got -1"),
    );
    expect(() => sgd({ momentum: 0, nesterov: true })).toThrow(
      new RangeError("sgd: expected `momentum` above 0 with `nesterov`, got 0"),
    );
    expect(() => adam({ beta2: 1 })).toThrow(
      new RangeError("adam: expected `beta2` to be from 0 to below 1, got 1"),
    );
    expect(() => adamW({ epsilon: 0 })).toThrow(
      new RangeError("adamW: expected `epsilon` to be above 0, got 0"),
    );
    expect(() => adamW({ weightDecay: Number.NaN })).toThrow(
      new RangeError("adamW: expected `weightDecay` to be a finite number of at least 0, got NaN"),
    );
  });
});

describe("parameter groups", () => {
  it("take the first group that matches", async () => {
    const frozen = { name: "frozen", match: (name: string) => name === "bias", frozen: true };
    const all = { name: "all", match: /./ };
    const first = await run(sgd({ weightDecay: 0.05 }), { groups: [frozen, all] });
    expect(first.bias).toEqual([...sines(2, 1.3)]);
    expect(first.weight).toEqual(cases["sgd groups"]!.weight.map((value) => expect.closeTo(value, 5)));
  });

  it("know vectors, for biases and norms without weight decay", () => {
    expect([isVector("a", []), isVector("a", [3]), isVector("a", [3, 1])]).toEqual([true, true, false]);
  });

  it("may have a schedule of their own", async () => {
    const schedule = (step: number): number => 2 * rates[step]!;
    const own = await run(sgd({ weightDecay: 0.05 }), {
      groups: [{ name: "biases", match: /bias/, schedule, weightDecay: 0 }],
    });
    expect(own).toEqual(close({ ...cases["sgd groups"]!, norms: [] }));
  });

  it("refuse two of one name and rates out of range", async () => {
    await expect(run(sgd(), { groups: [biases, biases] })).rejects.toThrow(
      new RangeError('createTrainStep: expected `groups` to have different names, got "biases" twice'),
    );
    await expect(run(sgd(), { groups: [{ ...biases, learningRate: -1 }] })).rejects.toThrow(
      new RangeError(
        "createTrainStep: expected `groups[0].learningRate` to be a finite number of at least 0, got -1",
      ),
    );
    await expect(run(sgd(), { groups: [biases, { ...biases, name: "more" }] })).rejects.toThrow(
      new RangeError("createTrainStep: expected each of `groups` to match a parameter, got none for more"),
    );
    await expect(run(sgd(), { groups: [{ name: "all", match: /./, frozen: true }] })).rejects.toThrow(
      new RangeError(
        "createTrainStep: expected `parameters` to have one that is not frozen, got none that a gradient moves",
      ),
    );
  });
});

describe("clipping, averages", () => {
  it("limits elements", async () => {
    const { weight } = await run(sgd({ momentum: 0, weightDecay: 0 }), { steps: 1, clipValue: 0.5 });
    const start = sines(4, 0.3);
    const expected = [...sines(4, 0)].map((g, i) => start[i]! - 0.1 * Math.min(0.5, Math.max(-0.5, g)));
    expect(weight).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });

  it("keeps a moving average of parameters", async () => {
    const places: number[] = [];
    const common = { movingAverage: { decay: 0.75 } };
    for (const steps of [1, 2, 3]) places.push((await run(sgd(), { steps })).weight[1]!);
    const averaged = await train({ ...options(), ...common, steps: 3 });
    const start = Math.sin(1.3);
    const expected = places.reduce((average, place) => 0.75 * average + 0.25 * place, start);
    expect(averaged.averages.weight!.data[1]).toBeCloseTo(expected, 6);
    expect(averaged.parameters.weight!.data[1]).toBeCloseTo(places[2]!, 6);
  });

  it("keeps less of the average at first when it warms up", async () => {
    const { weight } = await run(sgd(), { steps: 1 });
    const { averages } = await train({
      ...options(),
      steps: 1,
      movingAverage: { decay: 0.999, warmUp: true },
    });
    const kept = 2 / 11;
    expect(averages.weight!.data[1]).toBeCloseTo(kept * Math.sin(1.3) + (1 - kept) * weight[1]!, 6);
  });

  it("refuses limits and decays out of range", async () => {
    await expect(run(sgd(), { clipNorm: 0 })).rejects.toThrow(
      new RangeError("createTrainStep: expected `clipNorm` to be a finite number above 0, got 0"),
    );
    await expect(run(sgd(), { clipValue: -1 })).rejects.toThrow(
      new RangeError("createTrainStep: expected `clipValue` to be a finite number above 0, got -1"),
    );
    await expect(run(sgd(), { movingAverage: { decay: 1 } })).rejects.toThrow(
      new RangeError("createTrainStep: expected `movingAverage.decay` to be above 0 and below 1, got 1"),
    );
    await expect(run(sgd(), { accumulate: 0 })).rejects.toThrow(
      new RangeError("createTrainStep: expected `accumulate` to be a whole number of at least 1, got 0"),
    );
  });
});
