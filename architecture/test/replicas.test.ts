import "@tensorflow/tfjs-layers";
import { compile, createState, type NamedArrays, replicaMean } from "@lmk/compile";
import { createResNet, type ReplicaGroup } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { replicaGroup } from "../../packages/compile/test/replica-group.ts";

const backbone = createResNet("resnet18", { width: 4 });
const trained = Object.keys(backbone.shapes).filter((name) => !name.includes(".running_"));
const side = 64;
const length = side * side * 3;

/** Loss, averaged gradients and new statistics of a batch. */
const stepOf =
  (mean: ReplicaGroup["mean"], replicas?: ReplicaGroup) =>
  ({ images }: Readonly<Record<string, tf.Tensor>>, state: Readonly<Record<string, tf.Tensor>>) => {
    let statistics: Readonly<Record<string, tf.Tensor>> = {};
    const { value, grads } = tf.valueAndGrads((...moving: tf.Tensor[]) => {
      const parameters = { ...state, ...Object.fromEntries(trained.map((name, i) => [name, moving[i]!])) };
      const output = backbone.apply(parameters, images as tf.Tensor4D, {
        training: true,
        ...(replicas === undefined ? {} : { replicas }),
      });
      statistics = output.statistics;
      for (const tensor of Object.values(statistics)) tf.keep(tensor);
      return tf.mean(tf.sin(tf.mul(output.features, 3)));
    })(trained.map((name) => state[name]!));
    const gradients = Object.fromEntries(trained.map((name, i) => [`∂${name}`, mean(grads[i]!)]));
    return { outputs: { loss: mean(value), ...gradients, ...statistics }, state: statistics };
  };

/** Images of which those of the second half have twice the contrast. */
const images = Float32Array.from({ length: 8 * length }, (_, i) => {
  return (Math.sin(i * 0.37) + Math.cos(i * i * 0.0113)) * (i < 4 * length ? 1 : 2);
});

const initial: NamedArrays = backbone.initialize({ seed: 3 });

describe("ResNet-18 with synchronized batch norm, compiled on two replicas", () => {
  it("has the loss, gradients and statistics of one process on both batches, to 1e-5", async () => {
    const one = await compile(
      stepOf((x) => x),
      { inputs: { images: { shape: [8, side, side, 3] } }, state: createState(initial) },
      { threads: 1 },
    );
    const expected = await one.run({ images });
    await one.dispose();

    const group = replicaGroup(2);
    const steps = await Promise.all(
      group.map((replica, rank) =>
        compile(
          stepOf(replicaMean, { rank, size: 2, mean: replicaMean }),
          { inputs: { images: { shape: [4, side, side, 3] } }, state: createState(initial) },
          { threads: 1, replicas: replica, bucketBytes: 100_000 },
        ),
      ),
    );
    const results = await Promise.all(
      steps.map((step, rank) =>
        step.run({ images: images.slice(rank * 4 * length, (rank + 1) * 4 * length) }),
      ),
    );
    for (const step of steps) await step.dispose();

    let largest = 0;
    for (const result of results) {
      expect(Object.keys(result)).toEqual(Object.keys(expected));
      for (const [name, { data }] of Object.entries(expected)) {
        const scale = Math.max(1, ...Array.from(data, Math.abs));
        const difference = Math.max(...Array.from(data, (v, i) => Math.abs(v - result[name]!.data[i]!)));
        largest = Math.max(largest, difference / scale);
      }
    }
    expect(largest).toBeLessThan(1e-5);
    expect(group[0]!.calls).toEqual(group[1]!.calls);
    // 17 exchanges forward, in which the norms of 3 shortcuts have part, and 17 backward; then those of the gradients.
    expect(steps[0]!.report.stages).toBe(36);
  }, 60_000);
});
