import { compile, createState } from "@lmk/compile";
import { arcFace, gatherRows, sampleClasses, scatterRows, subCenterArcFace } from "@lmk/losses";
import { sgd } from "@lmk/train";
import {
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  valueAndGrads,
} from "@tensorflow/tfjs-core";
import type { Peer, PeerRun } from "../measure/peer.ts";
import { threads } from "../measure/settings.ts";
import { type HeadTask, readHeadData } from "./head-task.ts";

type Tensors = Readonly<Record<string, Tensor>>;
type Arrays = Readonly<Record<string, { readonly data: ArrayLike<number> }>>;

/** Compiles the training step of a head. Its values are the loss and the gradient of the embeddings. */
export async function startHead(task: HeadTask, profile?: string): Promise<Peer> {
  const step = await (task.share === 1 ? startFull(task, profile) : startSampled(task, profile));
  return {
    name: "lmk",
    run: async (): Promise<PeerRun> => {
      const begin = performance.now();
      const { loss, gradient } = await step.run();
      const milliseconds = performance.now() - begin;
      return { milliseconds, values: [loss.data[0], ...Array.from(gradient.data)] };
    },
    close: () => step.close(),
  };
}

interface Step {
  run(): Promise<Arrays>;
  close(): Promise<void>;
}

/** All rows take part: they and their momentum stay in the state. */
async function startFull(task: HeadTask, profile?: string): Promise<Step> {
  const { rows, embeddings, labels } = readHeadData(task);
  const shape = [task.classes * task.subCenters, task.dimension];
  const state = createState({
    rows: { shape, data: rows },
    velocity: { shape, data: new Float32Array(rows.length) },
  });
  const compiled = await compile(
    (inputs, { rows, velocity }) => {
      const { loss, gradient, ...next } = stepOf(task, { ...inputs, rows, velocity });
      return { outputs: { loss, gradient }, state: next };
    },
    { inputs: inputsOf(task), state },
    { threads, ...(profile === undefined ? {} : { profile }) },
  );
  const inputs = { embeddings, labels, learningRate: Float32Array.of(task.learningRate) };
  return { run: () => compiled.run(inputs), close: () => compiled.dispose() };
}

/** Partial FC: rows stay with the caller, and each step is given those of a sample of the classes. */
async function startSampled(task: HeadTask, profile?: string): Promise<Step> {
  const { rows, embeddings, labels } = readHeadData(task);
  const { classes, subCenters, dimension } = task;
  const all = { shape: [classes * subCenters, dimension], data: rows };
  const velocities = { shape: all.shape, data: new Float32Array(rows.length) };
  const count = Math.round(task.share * classes);
  const sampled = { shape: [count * subCenters, dimension] };
  const compiled = await compile(
    (inputs) => ({ outputs: stepOf(task, inputs) }),
    {
      inputs: { ...inputsOf(task), rows: sampled, velocity: sampled },
    },
    { threads, ...(profile === undefined ? {} : { profile }) },
  );
  const fixed = { embeddings, learningRate: Float32Array.of(task.learningRate) };
  let step = 0;
  return {
    run: async () => {
      const sample = sampleClasses(labels, { classes, count, seed: 1, step: step++, centers: subCenters });
      const result = await compiled.run({
        ...fixed,
        labels: sample.labels,
        rows: gatherRows(all, sample.rows),
        velocity: gatherRows(velocities, sample.rows),
      });
      scatterRows(all, sample.rows, result.rows.data as Float32Array);
      scatterRows(velocities, sample.rows, result.velocity.data as Float32Array);
      return result;
    },
    close: () => compiled.dispose(),
  };
}

function inputsOf({ batch, dimension }: HeadTask) {
  return {
    embeddings: { shape: [batch, dimension] },
    labels: { shape: [batch], dtype: "int32" as const },
    learningRate: { shape: [] },
  };
}

/** Loss, gradient of the embeddings, and the rows and their velocity after SGD with momentum. */
function stepOf(task: HeadTask, { embeddings, labels, learningRate, rows, velocity }: Tensors) {
  const { scale, margin, subCenters, momentum, weightDecay } = task;
  const { value, grads } = valueAndGrads((x: Tensor, weight: Tensor) =>
    subCenters === 1
      ? arcFace(x as Tensor2D, weight as Tensor2D, labels as Tensor1D, { scale, margin })
      : subCenterArcFace(x as Tensor2D, weight as Tensor2D, labels as Tensor1D, {
          scale,
          margin,
          centers: subCenters,
        }),
  )([embeddings, rows]);
  const [gradient, gradientOfRows] = grads;
  const optimizer = sgd({ momentum, weightDecay });
  const rates = { learningRate: learningRate as Scalar, weightDecay, step: scalar(1) };
  const { parameter, slots } = optimizer.update(rows, gradientOfRows, [velocity], rates);
  return { loss: value, gradient, rows: parameter, velocity: slots[0] };
}
