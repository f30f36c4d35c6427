import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import * as compiler from "@lmk/compile";
import { adaCos, adaCosParameters } from "@lmk/losses";
import {
  compiledEngine,
  cosineSchedule,
  type Engine,
  eagerEngine,
  isVector,
  type NamedArray,
  type NamedArrays,
  type Parameters,
  sgd,
  type TrainBatch,
  type TrainedModel,
  train,
} from "@lmk/train";
import {
  add,
  conv2d,
  div,
  mean,
  mul,
  relu,
  type Scalar,
  sqrt,
  square,
  sub,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { afterAll, expect, it } from "vitest";
import { releaseWebgpu, webgpuObstacle } from "../../packages/compile/test/conformance/software-gpu.ts";

const obstacle = await webgpuObstacle();
afterAll(releaseWebgpu);

const [classes, dimension, side, batch] = [3, 4, 12, 4];

const sines = (shape: readonly number[], factor: number): NamedArray => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => factor * Math.sin(1.3 * k)),
});

/** Convolution, batch norm with running statistics, pooling. */
function embed(p: Parameters, images: Tensor4D): { embedding: Tensor2D; statistics: Parameters } {
  const maps = conv2d(images, p["conv.weight"] as Tensor4D, 2, "same");
  const average = mean(maps, [0, 1, 2]);
  const centered = sub(maps, average);
  const variance = mean(square(centered), [0, 1, 2]);
  const normal = add(mul(div(centered, sqrt(add(variance, 1e-5))), p["bn.weight"]!), p["bn.bias"]!);
  const running = add(mul(p["bn.running_mean"]!, 0.9), mul(average, 0.1));
  return { embedding: mean(relu(normal), [1, 2]) as Tensor2D, statistics: { "bn.running_mean": running } };
}

const parameters: NamedArrays = {
  "conv.weight": sines([3, 3, 3, dimension], 0.3),
  "bn.weight": { shape: [dimension], data: new Float32Array(dimension).fill(1) },
  "bn.bias": { shape: [dimension], data: new Float32Array(dimension) },
  "bn.running_mean": { shape: [dimension], data: new Float32Array(dimension) },
  ...adaCosParameters({ classes, dimension, seed: 1 }),
};

async function* batches(from: number): AsyncGenerator<TrainBatch> {
  for (let i = from; ; i++) {
    const data = Float32Array.from({ length: batch * side * side * 3 }, (_, k) =>
      Math.sin(0.7 * k * (1 + (k % 5)) + i),
    );
    yield {
      images: batch,
      inputs: {
        images: { shape: [batch, side, side, 3], data },
        labels: { shape: [batch], data: Int32Array.from({ length: batch }, (_, k) => (i + k) % classes) },
      },
    };
  }
}

/** Everything a step can do: a loss with a state, two batches a step, clipping, averages, groups. */
function trainOn(engine: Engine): Promise<TrainedModel> {
  const steps = 3;
  return train({
    engine,
    loss: (p, inputs) => {
      const { embedding, statistics } = embed(p, inputs.images as Tensor4D);
      const head = adaCos(
        embedding,
        p["final.weight"] as Tensor2D,
        inputs.labels as Tensor1D,
        p["final.running_scale"] as Scalar,
      );
      return { loss: head.loss, statistics: { ...statistics, ...head.statistics } };
    },
    parameters,
    optimizer: sgd({ nesterov: true, weightDecay: 0.05 }),
    groups: [{ name: "vectors", match: isVector, weightDecay: 0 }],
    schedule: cosineSchedule({ base: 0.01, steps }),
    accumulate: 2,
    clipNorm: 5,
    movingAverage: { decay: 0.9 },
    steps,
    batches,
  });
}

function largestDifference(a: NamedArrays, b: NamedArrays): number {
  const names = Object.keys(a);
  expect(Object.keys(b)).toEqual(names);
  return Math.max(
    ...names.flatMap((name) => [...a[name]!.data].map((value, i) => Math.abs(value - b[name]!.data[i]!))),
  );
}

it("trains alike compiled and eagerly", { timeout: 120_000 }, async () => {
  const compiled = await trainOn(compiledEngine(compiler, { provider: "cpu", threads: 1 }));
  const eager = await trainOn(eagerEngine({ backend: "cpu" }));
  expect(compiled.loss).toBeCloseTo(eager.loss, 4);
  expect(largestDifference(compiled.parameters, eager.parameters)).toBeLessThan(1e-5);
  expect(largestDifference(compiled.averages, eager.averages)).toBeLessThan(1e-5);
  expect(largestDifference(compiled.parameters, compiled.averages)).toBeGreaterThan(1e-4);
});

it("trains alike on a GPU", { timeout: 120_000 }, async ({ skip }) => {
  skip(obstacle !== undefined, obstacle ?? "");
  const onGpu = await trainOn(compiledEngine(compiler, { provider: "webgpu" }));
  const eager = await trainOn(eagerEngine({ backend: "cpu" }));
  expect(largestDifference(onGpu.parameters, eager.parameters)).toBeLessThan(1e-5);
  expect(largestDifference(onGpu.averages, eager.averages)).toBeLessThan(1e-5);
});
