import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import {
  createTrainStep,
  type LossContext,
  type NamedArrays,
  type Optimizer,
  sgd,
  type TrainStep,
} from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** The values of a state as tensors, a step run on them, and the state after it as arrays. */
function runEagerly(
  step: TrainStep,
  state: NamedArrays,
  inputs: Record<string, tf.Tensor>,
): { loss: number; state: NamedArrays } {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(state).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
    );
    const result = step.run(inputs, tensors);
    const changed = Object.entries(result.state).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: tensor.dataSync() as Float32Array },
    ]);
    return { loss: result.outputs.loss!.dataSync()[0]!, state: { ...state, ...Object.fromEntries(changed) } };
  });
}

const line = (optimizer: Optimizer): TrainStep =>
  createTrainStep({
    loss: (parameters, { x }) => ({ loss: tf.sum(tf.square(tf.sub(parameters.w!, x!))) as tf.Scalar }),
    optimizer,
    parameters: { w: { shape: [2], data: Float32Array.of(3, -1) } },
  });

describe("createTrainStep with sgd", () => {
  it("follows the formula by hand for three steps", () => {
    const momentum = 0.9;
    const weightDecay = 0.1;
    const step = line(sgd({ momentum, weightDecay }));
    let state = step.state;
    let w = [3, -1];
    let v = [0, 0];
    const x = [1, 2];
    for (const rate of [0.1, 0.05, 0.2]) {
      const result = runEagerly(step, state, { x: tf.tensor1d(x), learningRate: tf.scalar(rate) });
      expect(result.loss).toBeCloseTo(
        w.reduce((sum, value, i) => sum + (value - x[i]!) ** 2, 0),
        4,
      );
      const gradient = w.map((value, i) => 2 * (value - x[i]!) + weightDecay * value);
      v = v.map((value, i) => momentum * value + gradient[i]!);
      w = w.map((value, i) => value - rate * v[i]!);
      state = result.state;
      expect([...state.w!.data]).toEqual(w.map((value) => expect.closeTo(value, 5)));
      expect([...state["sgd/momentum/w"]!.data]).toEqual(v.map((value) => expect.closeTo(value, 5)));
    }
  });

  it("keeps momentum 0.9 and weight decay 1e-5 unless told otherwise", () => {
    const inputs = { x: tf.tensor1d([1, 2]), learningRate: tf.scalar(0.1) };
    const twice = (optimizer: Optimizer): number[] => {
      const step = line(optimizer);
      return [...runEagerly(step, runEagerly(step, step.state, inputs).state, inputs).state.w!.data];
    };
    expect(twice(sgd())).toEqual(twice(sgd({ momentum: 0.9, weightDecay: 1e-5 })));
    expect(twice(sgd())).not.toEqual(twice(sgd({ momentum: 0.9, weightDecay: 0 })));
    expect(twice(sgd())).not.toEqual(twice(sgd({ momentum: 0.8, weightDecay: 1e-5 })));
  });

  it("has no slots without momentum", () => {
    expect(Object.keys(line(sgd({ momentum: 0 })).state)).toEqual(["w"]);
  });

  it("leaves no tensor behind but its results", () => {
    const step = line(sgd());
    const inputs = { x: tf.tensor1d([1, 2]), learningRate: tf.scalar(0.1) };
    const state = Object.fromEntries(
      Object.entries(step.state).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
    );
    const before = tf.memory().numTensors;
    const result = step.run(inputs, state);
    expect(tf.memory().numTensors).toBe(
      before + Object.keys(result.outputs).length + Object.keys(result.state).length,
    );
  });

  it("refuses a step with nothing to train", () => {
    expect(() =>
      createTrainStep({
        loss: () => ({ loss: tf.scalar(0) }),
        optimizer: sgd(),
        parameters: { "bn.running_mean": { shape: [1], data: new Float32Array(1) } },
      }),
    ).toThrow(
      new RangeError(
        "createTrainStep: expected `parameters` to have one that is not frozen, got none that a gradient moves",
      ),
    );
  });
});

describe("createTrainStep with batch norm", () => {
  const parameters: NamedArrays = {
    "fc.weight": { shape: [1], data: Float32Array.of(2) },
    "bn.weight": { shape: [1], data: Float32Array.of(1) },
    "bn.bias": { shape: [1], data: Float32Array.of(0) },
    "bn.running_mean": { shape: [1], data: Float32Array.of(0.5) },
    "bn.running_var": { shape: [1], data: Float32Array.of(1) },
  };
  let seen: LossContext | undefined;
  const build = (frozenBatchNorm: boolean): TrainStep =>
    createTrainStep({
      loss: (p, { x }, context) => {
        seen = context;
        const y = tf.add(tf.mul(tf.mul(x!, p["fc.weight"]!), p["bn.weight"]!), p["bn.bias"]!);
        const mean = tf.mean(y);
        return {
          loss: tf.mean(tf.square(tf.sub(y, 1))) as tf.Scalar,
          statistics: { "bn.running_mean": tf.reshape(mean, [1]) },
          metrics: { mean },
        };
      },
      optimizer: sgd(),
      parameters,
      frozenBatchNorm,
    });
  const inputs = { x: tf.tensor1d([1, 3]), learningRate: tf.scalar(0.1) };

  it("moves weights by gradients and running statistics by their new values", () => {
    const step = build(false);
    expect(step.trainable).toEqual(["fc.weight", "bn.weight", "bn.bias"]);
    const { state } = runEagerly(step, step.state, inputs);
    expect(seen).toMatchObject({ training: true, batchNorm: "batch" });
    expect(state["bn.running_mean"]!.data[0]).toBe(4);
    expect(state["bn.weight"]!.data[0]).not.toBe(1);
    expect(Object.keys(step.parametersOf(state))).toEqual(Object.keys(parameters));
  });

  it("keeps everything of a frozen batch norm", () => {
    const step = build(true);
    expect(step.trainable).toEqual(["fc.weight"]);
    const { state } = runEagerly(step, step.state, inputs);
    expect(seen).toMatchObject({ training: true, batchNorm: "running" });
    for (const name of ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]) {
      expect(state[name]).toEqual(parameters[name]);
    }
    expect(state["fc.weight"]!.data[0]).not.toBe(2);
  });

  it("never moves running statistics by a gradient, whatever they are called", () => {
    const statistics = { "final.running_scale": { shape: [], data: Float32Array.of(1) } };
    const { trainable } = createTrainStep({
      loss: () => ({ loss: tf.scalar(0) }),
      optimizer: sgd(),
      parameters: { ...parameters, ...statistics },
    });
    expect(trainable).toEqual(["fc.weight", "bn.weight", "bn.bias"]);
  });

  it("shows the loss its parameters, and no slot or average of the state", () => {
    let names: string[] = [];
    const step = createTrainStep({
      loss: (p, { x }) => {
        names = Object.keys(p);
        return { loss: tf.sum(tf.mul(p.w!, x!)) as tf.Scalar };
      },
      optimizer: sgd(),
      movingAverage: { decay: 0.9 },
      accumulate: 2,
      parameters: { w: { shape: [1], data: Float32Array.of(2) } },
    });
    runEagerly(step, step.state, inputs);
    expect(names).toEqual(["w"]);
  });

  it("reports metrics beside the loss", () => {
    const step = build(false);
    const mean = tf.tidy(() => {
      const state = Object.fromEntries(
        Object.entries(step.state).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
      );
      return step.run(inputs, state).outputs.mean!.dataSync()[0];
    });
    expect(mean).toBe(4);
  });
});
