/**
 * Trains two layers with Adam, moving averages and noise, and prints a line per step: `train-small.ts FOLDER`.
 *
 * Every part of the state matters for the last weights, so that a run which goes on wrongly ends elsewhere.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  adam,
  cosineSchedule,
  eagerEngine,
  jsonLinesLog,
  openCheckpoints,
  stopOnInterrupt,
  type TrainBatch,
  type TrainProgress,
  train,
} from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";

const folder = process.argv[2]!;
const steps = 60;

const sines = (shape: readonly number[], offset: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(offset + 3 * k)),
});

async function* batches(from: number): AsyncGenerator<TrainBatch> {
  for (let i = from; ; i++) yield { inputs: { x: sines([4, 3], i), y: sines([4, 2], 2 * i) }, images: 4 };
}

const stop = stopOnInterrupt();
const { parameters, averages, reason, step } = await train({
  engine: eagerEngine({ backend: "cpu" }),
  loss: (p, { x, y }, { seed }) => {
    const noise = tf.sin(tf.add(tf.cast(seed, "float32"), tf.range(0, 4)));
    const hidden = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, p["a.weight"] as tf.Tensor2D), noise));
    const error = tf.squaredDifference(tf.matMul(hidden as tf.Tensor2D, p["b.weight"] as tf.Tensor2D), y!);
    const seen = tf.mean(tf.abs(hidden));
    const running = tf.add(tf.mul(p["a.running_mean"]!, 0.9), tf.mul(seen, 0.1));
    return { loss: tf.mean(error) as tf.Scalar, statistics: { "a.running_mean": running } };
  },
  parameters: {
    "a.weight": sines([3, 4], 1),
    "b.weight": sines([4, 2], 2),
    "a.running_mean": { shape: [], data: new Float32Array(1) },
  },
  optimizer: adam({ weightDecay: 1e-3 }),
  accumulate: 2,
  clipNorm: 1,
  movingAverage: { decay: 0.99, warmUp: true },
  schedule: cosineSchedule({ base: 0.05, steps }),
  steps,
  seed: 11,
  batches,
  checkpoints: await openCheckpoints<TrainProgress>(join(folder, "checkpoints")),
  checkpointEverySteps: 4,
  callbacks: [
    jsonLinesLog(join(folder, "history.jsonl")),
    { onStep: ({ step }) => void process.stdout.write(`step ${step}\n`) },
    // Slow enough to be killed in the middle.
    { onStep: () => new Promise((resolve) => setTimeout(resolve, 5)) },
  ],
  signal: stop.signal,
});
stop.dispose();

const hash = createHash("sha256");
for (const arrays of [parameters, averages]) {
  for (const { data } of Object.values(arrays))
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
process.stdout.write(`${reason} ${step} ${hash.digest("hex")}\n`);
process.exitCode = stop.exitCode();
