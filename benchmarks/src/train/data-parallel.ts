/**
 * Trains a ResNet with ArcFace on made-up images, alone or as one of several ranks.
 *
 *     mpirun -np 2 node --conditions=@lmk/source --import tsx data-parallel.ts FOLDER --mpi [options]
 *
 * Rank 0 prints a JSON line for each step, and writes `weights.safetensors` and the loop's checkpoints into FOLDER. SIGINT
 * and a lost rank end it as they end any run.
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
  stopOnInterrupt,
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
    /** One of several ranks. */
    mpi: { type: "boolean", default: false },
    /** Batch norm with the statistics of all ranks. */
    sync: { type: "boolean", default: false },
    backbone: { type: "string", default: "resnet18" },
    width: { type: "string", default: "8" },
    side: { type: "string", default: "64" },
    /** Images of all ranks together. */
    batch: { type: "string", default: "16" },
    steps: { type: "string", default: "10" },
    threads: { type: "string", default: "1" },
    /** Steps between checkpoints. */
    keep: { type: "string", default: "1000" },
    /** Milliseconds to wait after each step. */
    pace: { type: "string", default: "0" },
    /** Seconds after which a rank counts as lost. */
    timeout: { type: "string", default: "60" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("data-parallel: expected a folder, got none");
const [width, side, batchSize, steps] = [values.width, values.side, values.batch, values.steps].map(
  Number,
) as [number, number, number, number];
const [classes, dimension] = [8, 64];

const model = createEmbeddingModel({
  backbone: createResNet(values.backbone as "resnet18", { width }),
  pooling: gem(),
  neck: linearNeck({ dimension }),
});

/** An image of the row's class, the same at every call: waves in a direction of the class, a phase of the row, noise. */
function paint(row: number, into: Float32Array): void {
  const label = row % classes;
  for (let i = 0; i < into.length; i++) {
    const [x, y, channel] = [Math.floor(i / 3) % side, Math.floor(i / (3 * side)), i % 3];
    const wave = Math.sin((0.1 + 0.2 * label) * x + 0.3 * ((label * 5) % 7) * y + row + channel);
    into[i] = wave + Math.sin(12.9898 * i + 78.233 * row * (1 + (i % 17)));
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

const communicator = values.mpi
  ? await openMpi({ timeoutSeconds: Number(values.timeout), lostRankSignal: "SIGUSR1" })
  : undefined;
const stop = stopOnInterrupt();
try {
  const { parameters } = await train({
    engine: compiledEngine(compiler, { provider: "cpu", threads: Number(values.threads) }),
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
    checkpointEverySteps: Number(values.keep),
    synchronizedBatchNorm: values.sync,
    callbacks: [
      {
        onStep: ({ step, loss, seconds, metrics }) =>
          void process.stdout.write(`${JSON.stringify({ step, loss, seconds, ...metrics })}\n`),
      },
      { onStep: () => new Promise((resolve) => setTimeout(resolve, Number(values.pace))) },
      { onStart: ({ fromStep }) => void process.stdout.write(`from ${fromStep}\n`) },
    ],
    signal: stop.signal,
    ...(communicator ? { communicator } : {}),
  });
  if ((communicator?.rank ?? 0) === 0)
    await writeSafetensors(join(folder, "weights.safetensors"), parameters);
  await communicator?.close();
  process.exitCode = stop.exitCode();
} catch (error) {
  const line = `rank ${communicator?.rank ?? 0}: ${(error as Error).message}\n`;
  // What is not written yet is lost when the job is ended.
  await new Promise((resolve) => process.stderr.write(line, resolve));
  process.exitCode = 1;
  communicator?.abort(1);
}
