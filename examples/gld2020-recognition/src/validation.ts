import { type ImagePaths, loadBatches, type Normalization, type ResizeKernel } from "@lmk/data/images";
import { globalAveragePrecision } from "@lmk/eval";
import { marginPresets, subCenterArcFace } from "@lmk/losses";
import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import type { Engine, RunnableStep, StepFunction, StepState } from "@lmk/train";
import { argMax, max, type Tensor1D, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { classCosines, headName } from "./network.ts";

/** How well a network classifies the images that are held out. */
export interface Validation {
  /** Mean over the batches of the loss that is trained with, margins included. */
  readonly loss: number;
  /** In percent. */
  readonly accuracy: number;
  /** From 0 to 1; a class's cosine is its confidence. */
  readonly globalAveragePrecision: number;
}

/** What is validated on, and how. */
export interface ValidatorOptions {
  readonly model: EmbeddingModel;
  readonly engine: Engine;
  /** Of the cosines in the loss. */
  readonly scale: number;
  /** Margin of each class of the head, in radians. */
  readonly margins: Float32Array;
  readonly paths: ImagePaths;
  /** Rows of `paths`, and the class of each. */
  readonly rows: Int32Array;
  readonly classIds: Int32Array;
  /** Side in pixels. */
  readonly imageSize: number;
  readonly batchSize: number;
  readonly normalization?: Normalization;
  readonly kernel?: ResizeKernel;
  /** Told once a line for what the reader should know. */
  readonly onNotice: (line: string) => void;
}

/** Validates weights; made ready at the first call. */
export interface Validator {
  /** All three values are NaN where there are no images. */
  readonly validate: (weights: NamedArrays) => Promise<Validation>;
  readonly dispose: () => Promise<void>;
}

/** Opens what validates a network after each epoch: every image once, as it is, warped to the square. */
export function createValidator(options: ValidatorOptions): Validator {
  const { engine, rows, batchSize, imageSize } = options;
  let state: StepState | undefined;
  let step: RunnableStep | undefined;
  return {
    async validate(weights) {
      if (rows.length === 0) return { loss: NaN, accuracy: NaN, globalAveragePrecision: NaN };
      if (state === undefined) state = engine.createState(weights);
      else state.write(weights);
      step ??= await engine.load(
        classifier(options),
        {
          images: { shape: [batchSize, imageSize, imageSize, 3], dtype: "float32" },
          labels: { shape: [batchSize], dtype: "int32" },
          counts: { shape: [batchSize], dtype: "float32" },
        },
        state,
      );
      return scoresOf(await classify(options, step));
    },
    async dispose() {
      await step?.dispose();
      state?.dispose();
    },
  };
}

/** The loss of a batch, and the surest class of each image; `counts` is 0 for images that only fill the batch. */
function classifier({ model, scale, margins }: ValidatorOptions): StepFunction {
  const { loss: arcFace } = marginPresets.recognition2020Third;
  return ({ images, labels, counts }, parameters) => {
    const { embedding } = model.apply(parameters, images as Tensor4D, { training: false });
    const head = parameters[headName] as Tensor2D;
    const cosines = classCosines(embedding, head);
    const loss = subCenterArcFace(embedding, head, labels as Tensor1D, {
      ...arcFace,
      scale,
      margin: margins,
      sampleWeights: counts as Tensor1D,
    });
    return { outputs: { loss, confidence: max(cosines, 1), predicted: argMax(cosines, 1) }, state: {} };
  };
}

interface Classified {
  /** Of each batch. */
  readonly losses: readonly number[];
  readonly images: readonly {
    readonly label: number;
    readonly predicted: number;
    readonly confidence: number;
  }[];
}

async function classify(options: ValidatorOptions, step: RunnableStep): Promise<Classified> {
  const { paths, rows, classIds, imageSize, batchSize, normalization, kernel, onNotice } = options;
  const classOf = new Map(Array.from(rows, (row, i) => [row, classIds[i]!]));
  const batches = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) => ({
    group: 0,
    rows: rows.slice(i * batchSize, (i + 1) * batchSize),
  }));
  const loaded = loadBatches(paths, batches, {
    sizes: [{ width: imageSize, height: imageSize }],
    fill: "repeat",
    batchSize,
    reuseImages: true,
    ...(normalization === undefined ? {} : { normalization }),
    ...(kernel === undefined ? {} : { kernel }),
  });
  const losses: number[] = [];
  const images: Classified["images"][number][] = [];
  for await (const { images: pixels, rows: filled, distinct, failures } of loaded) {
    for (const { path, message } of failures) onNotice(`left out ${path}: ${message}`);
    if (distinct === 0) continue;
    const labels = Int32Array.from(filled, (row) => classOf.get(row)!);
    const counts = new Float32Array(batchSize).fill(1, 0, distinct);
    const { loss, confidence, predicted } = await step.run({ images: pixels, labels, counts });
    losses.push(loss!.data[0]!);
    for (let i = 0; i < distinct; i++) {
      images.push({ label: labels[i]!, predicted: predicted!.data[i]!, confidence: confidence!.data[i]! });
    }
  }
  return { losses, images };
}

function scoresOf({ losses, images }: Classified): Validation {
  const right = images.filter(({ label, predicted }) => label === predicted).length;
  const predictions = images.map(({ predicted, confidence }, id) => ({
    id,
    label: predicted,
    score: confidence,
  }));
  const solution = new Map(images.map(({ label }, id) => [id, [label]]));
  return {
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    accuracy: (100 * right) / images.length,
    globalAveragePrecision: globalAveragePrecision(predictions, solution, { ties: "input" }),
  };
}
