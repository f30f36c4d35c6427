import { join } from "node:path";
import { assignClassIds } from "@lmk/data";
import { arcFaceParameters } from "@lmk/losses";
import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { cosineSchedule, readSafetensors, sgd, writeSafetensors } from "@lmk/train";
import { type CompletedStage, runStage, trainEmbedding, UserError } from "@lmk-example/kit";
import { type Context, engineSettings, groupsOf, type PreparedData, usableRows } from "../context.ts";
import { augmentationOf, createLoss, createModel, templateOf } from "../system.ts";

/** Trains the network on the cleaned train images. */
export async function trainNetwork(context: Context, prepared: PreparedData): Promise<CompletedStage> {
  const { config, options, run, progress, notice } = context;
  const { training, images, model: modelConfig, loss } = config;
  const settings = {
    seed: config.seed,
    training,
    images,
    model: modelConfig,
    loss,
    init: options.init,
    ...engineSettings(context),
  };
  return runStage(run, "train", { settings, after: [prepared.stage] }, async (folder) => {
    const { train, clean } = prepared.data;
    const usable = new Set(usableRows(prepared, "train"));
    const rows = (clean ?? Int32Array.from(usable)).filter((row) => usable.has(row));
    const { classTopK } = training;
    const kept = assignClassIds(train.landmarkIds, { rows, ...(classTopK > 0 ? { classTopK } : {}) });
    if (kept.landmarkIds.length < 2) {
      throw new UserError(
        `train: expected images of at least 2 landmarks, got ${kept.landmarkIds.length}; check --data`,
      );
    }

    const template = templateOf(images.trainTemplates);
    const ofSplit = groupsOf(prepared, "train", template);
    const groups = new Int32Array(ofSplit.length).fill(-1);
    const classes = new Int32Array(ofSplit.length).fill(-1);
    kept.rows.forEach((row, i) => {
      groups[row] = ofSplit[row]!;
      classes[row] = kept.classIds[i]!;
    });

    const model = createModel(config);
    const head = { classes: kept.landmarkIds.length, dimension: model.dimension, seed: config.seed };
    const parameters = { ...(await initialParameters(context)), ...arcFaceParameters(head) };
    let bar = progress("train", 1);
    const trained = await trainEmbedding({
      folder,
      paths: train.paths,
      groups,
      classes,
      template,
      augmentation: augmentationOf(config),
      seed: config.seed,
      epochs: training.epochs,
      batchSize: training.batchSize,
      parameters,
      loss: createLoss(model, config),
      optimizer: sgd({ momentum: training.momentum, weightDecay: training.weightDecay }),
      schedule: (steps) =>
        cosineSchedule({ base: training.learningRate, minimum: training.minimumLearningRate, steps }),
      frozenBatchNorm: training.frozenBatchNorm,
      checkpointEverySteps: training.checkpointEverySteps,
      compile: engineSettings(context),
      onStart(steps, fromStep) {
        if (fromStep > 0) notice(`train goes on from step ${fromStep} of ${steps}`);
        bar = progress("train", steps * training.batchSize, "images", fromStep * training.batchSize);
      },
      onStep: ({ step, loss: value, learningRate }) =>
        bar.update(
          step * training.batchSize,
          `loss ${value.toFixed(3)} · rate ${learningRate.toPrecision(2)}`,
        ),
      onNotice: notice,
    });
    bar.stop();
    const metadata = { landmarks: [...kept.landmarkIds].join(" ") };
    await writeSafetensors(join(folder, "model.safetensors"), toReferenceLayout(trained), { metadata });
  });
}

/** The network's weights before training: drawn from the seed, or those of `--init` where it has them. */
export async function initialParameters({ config, options }: Context): Promise<NamedArrays> {
  const model = createModel(config);
  const drawn = model.initialize({ seed: config.seed });
  if (options.init === undefined) return drawn;
  const given = fromReferenceLayout((await readSafetensors(options.init)).arrays);
  const missing = Object.keys(drawn).filter((name) => !/^(neck|pooling)\./.test(name) && !(name in given));
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    throw new UserError(
      `${options.init}: expected weights of ${config.model.backbone}, got none for ${missing[0]}${more}`,
    );
  }
  return Object.fromEntries(
    Object.entries(drawn).map(([name, array]) => {
      const other = given[name];
      if (other === undefined) return [name, array];
      if (String(other.shape) === String(array.shape)) return [name, other];
      throw new UserError(
        `${options.init}: expected ${name} of shape [${array.shape}], got [${other.shape}]`,
      );
    }),
  );
}

/** The network's weights after training. */
export async function trainedParameters(stage: CompletedStage): Promise<NamedArrays> {
  const { arrays } = await readSafetensors(join(stage.folder, "model.safetensors"));
  return fromReferenceLayout(arrays);
}
