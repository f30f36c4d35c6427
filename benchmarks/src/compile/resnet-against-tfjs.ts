/**
 * Does a compiled training step of ResNet-18 and ResNet-50 equal the same function on tfjs's CPU backend?
 *
 * Batch 2, small images. Each array of the state after a step is compared by its largest error over its largest
 * value.
 *
 * - With batch norm on its running statistics every array must agree to 1e-5.
 * - With batch statistics of so few values a ReLU within rounding of its kink, open on one side and shut on the
 *   other, changes whole gradients: two float32 engines, or one and float64, differ by percents, PyTorch
 *   included. There the losses must agree to 1e-4, and the arrays are reported; with LMK_PYTHON set to a Python
 *   with PyTorch and torchvision, both sides also stand beside the same steps in float64.
 *
 *     LMK_PYTHON=/path/to/python pnpm --filter @lmk-benchmark/all verify:compile [resnet18] [resnet50]
 */
import "@tensorflow/tfjs-backend-cpu";
import { compile, createState, type NamedArrays } from "@lmk/compile";
import { type ResNetName, toReferenceLayout } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { createBatch, createClassifier, inputsOf, type Task } from "./classifier.ts";
import { startTorch } from "./torch-process.ts";

const size = Number(process.env.LMK_SIZE ?? 64);
const steps = Number(process.env.LMK_STEPS ?? 2);
/** Of the noise in the images. With some seeds (3 is one) a ReLU sits at its kink even without batch statistics. */
const seed = Number(process.env.LMK_SEED ?? 4);

function eagerStep(
  task: Task,
  run: ReturnType<typeof createClassifier>["step"]["run"],
  batch: ReturnType<typeof createBatch>,
  state: NamedArrays,
): { loss: number; state: NamedArrays } {
  let result: { loss: number; state: NamedArrays } = { loss: Number.NaN, state };
  tf.tidy(() => {
    const tensors = Object.entries(state).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]);
    const inputs = {
      images: tf.tensor(batch.images, [task.batch, task.size, task.size, 3]),
      labels: tf.tensor(batch.labels, [task.batch], "int32"),
      learningRate: tf.scalar(task.learningRate),
    };
    const next = run(inputs, Object.fromEntries(tensors));
    const changed = Object.entries(next.state).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: tensor.dataSync() as Float32Array },
    ]);
    result = { loss: next.outputs.loss.dataSync()[0], state: { ...state, ...Object.fromEntries(changed) } };
  });
  return result;
}

function errorsOf(actual: NamedArrays, expected: NamedArrays): number[] {
  return Object.entries(expected).map(([name, { data }]) => {
    let error = 0;
    let scale = 0;
    for (let i = 0; i < data.length; i++) {
      error = Math.max(error, Math.abs(actual[name].data[i] - data[i]));
      scale = Math.max(scale, Math.abs(data[i]));
    }
    return scale === 0 ? error : error / scale;
  });
}

function describe(errors: readonly number[]): string {
  const sorted = errors.toSorted((a, b) => a - b);
  const show = (error: number) => error.toExponential(1);
  return `median ${show(sorted[sorted.length >> 1])}, worst ${show(sorted[sorted.length - 1])}`;
}

/** Runs both sides; true if they agree as closely as this kind of batch norm allows. */
async function agree(
  network: ResNetName,
  frozenBatchNorm: boolean,
  python: string | undefined,
): Promise<boolean> {
  const task: Task = {
    network,
    batch: 2,
    size,
    classes: 10,
    // Without batch statistics a fresh ResNet-50's loss is large and steep; a larger step would leave float32.
    learningRate: frozenBatchNorm ? 1e-5 : 0.01,
    momentum: 0.9,
    weightDecay: 1e-5,
    frozenBatchNorm,
  };
  const { step } = createClassifier(task);
  const batch = createBatch(task, seed);
  const state = createState(step.state);
  const compiled = await compile(step.run, { inputs: inputsOf(task), state }, { threads: 2 });
  await tf.setBackend("cpu");
  const exact =
    python === undefined ? undefined : await startTorch(python, task, { threads: 2, dtype: "float64", seed });
  let reference: NamedArrays = step.state;
  let agreed = true;
  for (let i = 1; i <= steps; i++) {
    const { loss } = await compiled.run({ ...batch, learningRate: Float32Array.of(task.learningRate) });
    const eager = eagerStep(task, step.run, batch, reference);
    reference = eager.state;
    const current = state.read();
    const lossError = Math.abs(loss.data[0] - eager.loss) / Math.abs(eager.loss);
    const errors = errorsOf(current, reference);
    const kind = frozenBatchNorm ? "running" : "batch";
    console.log(
      `${network} ${size} px, batch norm on ${kind} statistics, step ${i}, ${errors.length} arrays`,
    );
    console.log(`  loss ${loss.data[0]}, tfjs ${eager.loss}: differ by ${lossError.toExponential(1)}`);
    console.log(`  compiled against tfjs:    ${describe(errors)}`);
    if (frozenBatchNorm) agreed &&= Math.max(lossError, ...errors) <= 1e-5;
    else agreed &&= i > 1 || lossError <= 1e-4;
    if (exact === undefined) continue;
    await exact.run("train");
    const compare = async (arrays: NamedArrays) =>
      Object.values(await exact.compare(toReferenceLayout(arrays) as NamedArrays));
    console.log(`  compiled against float64: ${describe(await compare(current))}`);
    console.log(`  tfjs against float64:     ${describe(await compare(reference))}`);
  }
  await exact?.close();
  await compiled.dispose();
  return agreed;
}

const asked = process.argv.slice(2) as ResNetName[];
for (const network of asked.length > 0 ? asked : (["resnet18", "resnet50"] as const)) {
  for (const frozen of [true, false]) {
    if (!(await agree(network, frozen, process.env.LMK_PYTHON))) process.exitCode = 1;
  }
}
