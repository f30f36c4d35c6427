/**
 * Trains a small ResNet with ArcFace on made-up images, alone or as one of several ranks.
 *
 * `data-parallel.ts FOLDER --steps N --batch N [--mpi] [--sync] [--pace MS]` writes `weights.safetensors` and, as the loop
 * does, checkpoints into FOLDER; `--sync` synchronises batch norm, `--pace` waits after each step.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as compiler from "@lmk/compile";
import { groupedBatches } from "@lmk/data";
import { arcFace, arcFaceParameters } from "@lmk/losses";
import { createEmbeddingModel, createResNet, gem, linearNeck } from "@lmk/models";
import {
  compiledEngine,
  cosineSchedule,
  openCheckpoints,
  sgd,
  type TrainBatch,
  type TrainProgress,
  train,
  writeSafetensors,
} from "@lmk/train";
import { openMpi } from "@lmk/train/mpi";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "10" },
    batch: { type: "string", default: "16" },
    mpi: { type: "boolean", default: false },
    sync: { type: "boolean", default: false },
    pace: { type: "string", default: "0" },
  },
});
const folder = positionals[0]!;
const steps = Number(values.steps);
const batchSize = Number(values.batch);
const [classes, dimension, side] = [8, 16, 64];

const model = createEmbeddingModel({
  backbone: createResNet("resnet18", { width: 8 }),
  pooling: gem(),
  neck: linearNeck({ dimension }),
});

/** An image of the row's class, the same at every call: waves of a direction, moved by the row. */
function paint(row: number, into: Float32Array): void {
  const label = row % classes;
  for (let i = 0; i < into.length; i++) {
    const [x, y, channel] = [Math.floor(i / 3) % side, Math.floor(i / (3 * side)), i % 3];
    into[i] =
      Math.sin(0.2 * (1 + label) * x + 0.3 * (label % 3) * y + channel + row) + 0.3 * Math.sin(7.7 * i + row);
  }
}

async function* batches(
  from: number,
  shard: { readonly rank: number; readonly size: number },
): AsyncGenerator<TrainBatch> {
  const rows = new Int32Array(8 * batchSize);
  for (let step = from; ; step++) {
    const [epoch, position] = [Math.floor(step / 8), step % 8];
    const batch = groupedBatches(rows, { batchSize, seed: 1, epoch, shard })[position]!;
    const images = new Float32Array(batch.rows.length * side * side * 3);
    batch.rows.forEach((row, i) => {
      paint(row, images.subarray(i * side * side * 3, (i + 1) * side * side * 3));
    });
    yield {
      images: batch.rows.length,
      inputs: {
        images: { shape: [batch.rows.length, side, side, 3], data: images },
        labels: { shape: [batch.rows.length], data: batch.rows.map((row) => row % classes) },
      },
    };
  }
}

const communicator = values.mpi ? await openMpi({ timeoutSeconds: 20 }) : undefined;
try {
  const { parameters } = await train({
    engine: compiledEngine(compiler, { provider: "cpu", threads: 1 }),
    loss: (p, inputs, context) => {
      const { embedding, statistics } = model.apply(p, inputs.images as Tensor4D, context);
      const loss = arcFace(embedding, p["final.weight"] as Tensor2D, inputs.labels as Tensor1D, { scale: 8 });
      return { loss, statistics };
    },
    parameters: { ...model.initialize({ seed: 1 }), ...arcFaceParameters({ classes, dimension, seed: 1 }) },
    optimizer: sgd({ weightDecay: 1e-4 }),
    schedule: cosineSchedule({ base: 0.0005, steps }),
    steps,
    batches,
    seed: 1,
    checkpoints: await openCheckpoints<TrainProgress>(join(folder, "checkpoints")),
    checkpointEverySteps: 5,
    synchronizedBatchNorm: values.sync,
    callbacks: [
      {
        onStep: ({ step, loss, metrics }) =>
          void process.stdout.write(`${JSON.stringify({ step, loss, ...metrics })}\n`),
      },
      { onStep: () => new Promise((resolve) => setTimeout(resolve, Number(values.pace))) },
      { onStart: ({ fromStep }) => void process.stdout.write(`from ${fromStep}\n`) },
    ],
    ...(communicator ? { communicator } : {}),
  });
  if ((communicator?.rank ?? 0) === 0)
    await writeSafetensors(join(folder, "weights.safetensors"), parameters);
  await communicator?.close();
} catch (error) {
  process.stderr.write(`rank ${communicator?.rank ?? 0}: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
