/**
 * How long does a training step (forward, backward, SGD with momentum) of ResNet-18 and ResNet-50 take,
 * compiled by `@lmk/compile` and run by onnxruntime, beside PyTorch's on the same threads?
 *
 * Both sides start from the same weights and see the same batch; their losses stand beside their times. Steps
 * are interleaved one by one, so that both meet the same state of the machine.
 *
 *     LMK_PYTHON=/path/to/python pnpm --filter @lmk-benchmark/all bench:compile
 *
 * LMK_STEPS (default 20) steps are counted after LMK_WARMUP (default 5).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import { setTimeout } from "node:timers/promises";
import { compile, createState } from "@lmk/compile";
import { type NamedArrays, type ResNetName, toReferenceLayout } from "@lmk/models";
import { createBatch, createClassifier, inputsOf, type Task } from "./classifier.ts";
import { startTorch } from "./torch-process.ts";

const threads = 2;
const steps = Number(process.env.LMK_STEPS ?? 20);
const warmup = Number(process.env.LMK_WARMUP ?? 5);
const networks: readonly ResNetName[] = ["resnet18", "resnet50"];

/** Spinning threads of the other side come to rest within this. */
const restMs = 50;

interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

function summarize(times: readonly number[]): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

async function measure(network: ResNetName, python: string) {
  const task: Task = {
    network,
    batch: 8,
    size: 128,
    classes: 1000,
    learningRate: 0.001,
    momentum: 0.9,
    weightDecay: 1e-5,
  };
  const { parameters, step } = createClassifier(task);
  const batch = createBatch(task);
  const started = performance.now();
  const state = createState(step.state);
  const compiled = await compile(step.run, { inputs: inputsOf(task), state }, { threads });
  const compileMilliseconds = performance.now() - started;
  const torch = await startTorch(
    python,
    { ...task, threads },
    toReferenceLayout(parameters) as NamedArrays,
    batch,
  );
  const learningRate = Float32Array.of(task.learningRate);

  const lmk: number[] = [];
  const pytorch: number[] = [];
  const lossDifferences: number[] = [];
  for (let i = -warmup; i < steps; i++) {
    await setTimeout(restMs);
    const begin = performance.now();
    const { loss } = await compiled.run({ ...batch, learningRate });
    const elapsed = performance.now() - begin;
    await setTimeout(restMs);
    const other = await torch.step();
    if (i === -warmup) lossDifferences.push(Math.abs(loss.data[0] - other.loss) / Math.abs(other.loss));
    if (i < 0) continue;
    lmk.push(elapsed);
    pytorch.push(other.milliseconds);
  }
  const { versions } = torch;
  const { nodes } = compiled.report;
  await torch.close();
  await compiled.dispose();
  const [ours, theirs] = [summarize(lmk), summarize(pytorch)];
  return {
    network,
    lmk: ours,
    pytorch: theirs,
    ratio: ours.median / theirs.median,
    firstLossDifference: lossDifferences[0],
    compileMilliseconds,
    nodes,
    times: { lmk, pytorch },
    versions,
  };
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  return JSON.parse(
    readFileSync(`${require.resolve(name).split(`/${name}/`)[0]}/${name}/package.json`, "utf8"),
  ).version;
}

const python = process.env.LMK_PYTHON;
if (python === undefined) {
  console.error("training-step.bench: set LMK_PYTHON to a Python with PyTorch and torchvision");
  process.exit(2);
}
const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
const [load] = loadavg();
if (load > 0.5) console.error(`the machine is not idle: load ${load.toFixed(1)}; times will spread`);

const results = [];
for (const network of networks) results.push(await measure(network, python));

const ms = (value: number) => value.toFixed(1).padStart(8);
console.log(`Training step, 128 px, batch 8, ${threads} threads, ms: median [min, max] of ${steps}`);
for (const { network, lmk, pytorch, ratio, firstLossDifference } of results) {
  const show = ({ median, min, max }: Summary) => `${ms(median)} [${ms(min)},${ms(max)}]`;
  console.log(
    `${network.padEnd(9)} lmk ${show(lmk)}   PyTorch ${show(pytorch)}   ratio ${ratio.toFixed(2)}   first losses differ by ${firstLossDifference.toExponential(1)}`,
  );
}

const [{ model }] = cpus();
const slug = model
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, "-")
  .replace(/^-|-$/g, "");
const date = new Date().toISOString().slice(0, 10);
const folder = new URL("../../results/", import.meta.url);
const report = {
  question: "time per training step: forward, backward, SGD with momentum; 128 px, batch 8",
  date,
  machine: { cpu: model, cores: cpus().length, memoryBytes: totalmem(), loadBefore: load },
  threads,
  warmup,
  steps,
  commit: git("rev-parse", "HEAD"),
  uncommittedChanges: git("status", "--porcelain", "--", "../packages", "src", "python") !== "",
  versions: {
    node: process.version,
    "onnxruntime-node": versionOf("onnxruntime-node"),
    "@tensorflow/tfjs-core": versionOf("@tensorflow/tfjs-core"),
    ...results[0].versions,
  },
  results: results.map(({ versions: _, ...result }) => result),
};
mkdirSync(folder, { recursive: true });
const file = new URL(`compile-training-step--${slug}--${date}.json`, folder);
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
console.log(`wrote results/${file.pathname.split("/").at(-1)}`);
