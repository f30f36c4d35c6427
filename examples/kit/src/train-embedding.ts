import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Compiled, type CompileOptions, compile, createState } from "@lmk/compile";
import { type Augmentation, groupedBatches, type SizeTemplate } from "@lmk/data";
import { type ImagePaths, loadBatches } from "@lmk/data/images";
import type { NamedArrays, Parameters } from "@lmk/models";
import {
  createTrainStep,
  type LossContext,
  type LossResult,
  type Optimizer,
  openCheckpoints,
  type Schedule,
  type StepReport,
  type TrainBatch,
  train,
} from "@lmk/train";
import type { Tensor } from "@tensorflow/tfjs-core";
import { writeWhole } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** Everything that decides what training does. */
export interface TrainEmbeddingOptions {
  /** Where checkpoints and the history are kept. */
  readonly folder: string;
  readonly paths: ImagePaths;
  /** The size group of each row; negative leaves the row out. */
  readonly groups: Int32Array;
  /** The class of each row; read only where the row is not left out. */
  readonly classes: Int32Array;
  readonly template: SizeTemplate;
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Initial values of the model's parameters and of the loss's class rows. */
  readonly parameters: NamedArrays;
  /** Model and loss; inputs are `images` `[N, H, W, 3]` and `labels` `[N]`, int32. */
  readonly loss: (
    parameters: Parameters,
    inputs: Readonly<Record<string, Tensor>>,
    context: LossContext,
  ) => LossResult;
  readonly optimizer: Optimizer;
  readonly schedule: (steps: number) => Schedule;
  readonly frozenBatchNorm: boolean;
  readonly checkpointEverySteps: number;
  readonly compile: CompileOptions;
  readonly onStart: (steps: number, fromStep: number) => void;
  readonly onStep: (report: StepReport) => void;
  /** Told once a line for what the reader should know, such as a damaged checkpoint. */
  readonly onNotice: (line: string) => void;
}

/** One line of `history.jsonl`. */
export interface HistoryEntry {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

interface GroupBatch extends TrainBatch {
  readonly group: number;
}

/**
 * Trains a model, going on from the last checkpoint if there is one, and returns its parameters.
 *
 * Batches depend on seed, epoch and position alone, so a run that was interrupted ends with the same weights as one that
 * was not.
 */
export async function trainEmbedding(options: TrainEmbeddingOptions): Promise<NamedArrays> {
  const { folder, batchSize, epochs, groups, seed } = options;
  const epochBatches = (epoch: number) => groupedBatches(groups, { batchSize, seed, epoch, shuffle: true });
  const perEpoch = epochBatches(0).length;
  if (perEpoch === 0) {
    throw new UserError(
      `train: expected at least ${batchSize} images of one shape, got fewer; pass a smaller --batch-size`,
    );
  }
  const steps = perEpoch * epochs;

  const checkpoints = await openCheckpoints<{ readonly seed: number }>(join(folder, "checkpoints"));
  const { checkpoint, rejected } = await checkpoints.latest();
  for (const { path, reason } of rejected) options.onNotice(`passed over ${path}: ${reason}`);
  const fromStep = checkpoint?.step ?? 0;
  const history = openHistory(join(folder, "history.jsonl"), fromStep);

  const step = createTrainStep(options);
  const state = createState(step.state);
  if (checkpoint) state.write(checkpoint.arrays);
  const networks = new Map<number, Promise<Compiled>>();
  const networkOf = (group: number): Promise<Compiled> => {
    const { width, height } = options.template.sizes[group]!;
    const inputs = {
      images: { shape: [batchSize, height, width, 3] },
      labels: { shape: [batchSize], dtype: "int32" as const },
      learningRate: { shape: [] },
    };
    const known = networks.get(group) ?? compile(step.run, { inputs, state }, options.compile);
    networks.set(group, known);
    return known;
  };

  async function* batches(from: number): AsyncGenerator<GroupBatch> {
    const { paths, classes, template, augmentation, onNotice } = options;
    for (let epoch = Math.floor(from / perEpoch); epoch < epochs; epoch++) {
      const start = epoch === Math.floor(from / perEpoch) ? from % perEpoch : 0;
      const rest = epochBatches(epoch).slice(start);
      const augment = { augmentation, seed, epoch };
      const loaded = loadBatches(paths, rest, {
        sizes: template.sizes,
        augment,
        fill: "repeat",
        batchSize,
        reuseImages: true,
      });
      let position = 0;
      for await (const { images, rows, failures } of loaded) {
        for (const { path, message } of failures) onNotice(`left out ${path}: ${message}`);
        if (rows.length === 0)
          throw new UserError(
            `train: expected images, got a whole batch that cannot be read; run prepare again`,
          );
        const { group } = rest[position++]!;
        yield {
          group,
          images: batchSize,
          inputs: { images, labels: Int32Array.from(rows, (row) => classes[row]!) },
        };
      }
    }
  }

  options.onStart(steps, fromStep);
  await train<GroupBatch>({
    steps,
    fromStep,
    batches,
    step: ({ group }) => networkOf(group),
    schedule: options.schedule(steps),
    checkpointEverySteps: options.checkpointEverySteps,
    saveCheckpoint: (done) => checkpoints.save({ step: done, arrays: state.read(), progress: { seed } }),
    onStep(report) {
      history.add({ step: report.step, loss: report.loss, learningRate: report.learningRate });
      options.onStep(report);
    },
  });
  for (const network of networks.values()) await (await network).dispose();
  return step.parametersOf(state.read());
}

/** The loss of each step, as far as it was written. */
export function readHistory(path: string): HistoryEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as HistoryEntry);
}

/** Opens the history at a step: what was written after it belongs to steps that are done again. */
function openHistory(path: string, fromStep: number): { add: (entry: HistoryEntry) => void } {
  const kept = readHistory(path).filter((entry) => entry.step <= fromStep);
  writeWhole(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  return { add: (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`) };
}
