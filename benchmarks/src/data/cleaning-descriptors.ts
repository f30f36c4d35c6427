import { compile, createState } from "@lmk/compile";
import { assignClassIds } from "@lmk/data";
import { type Matrix, normalizeRows } from "@lmk/index";
import { createEmbeddingModel, createResNet, gem, linearNeck, type NamedArrays } from "@lmk/models";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { plainBatch } from "../losses/batches.ts";
import { pretrainingLoss } from "../losses/entries.ts";
import type { Images, LandmarkSet } from "../losses/landmark-set.ts";
import { training } from "../losses/settings.ts";
import { pretrain } from "../losses/trials.ts";
import { threads } from "../measure/settings.ts";
import type { NoisySet } from "./cleaning-set.ts";
import type { CleaningSettings } from "./cleaning-settings.ts";

const batchSize = 64;

/**
 * A global descriptor of each train image. The small network of the loss benchmark learns it by softmax on all train
 * images with the labels they have, the wrong ones too.
 */
export async function globalDescriptors(
  { train }: NoisySet,
  { steps, rate }: CleaningSettings["training"],
): Promise<Matrix> {
  const images = await decode(train.paths);
  const { classIds, landmarkIds } = assignClassIds(train.landmarkIds);
  const set: LandmarkSet = {
    train: { ...images, classes: classIds },
    classCount: landmarkIds.length,
    index: images,
    queries: images,
    relevant: [],
  };
  return embed(await pretrain(set, pretrainingLoss, 1, { steps, rate }), images);
}

async function decode(paths: NoisySet["train"]["paths"]): Promise<Images> {
  const { size } = training;
  const pixels = new Uint8Array(paths.length * size * size * 3);
  for (let row = 0; row < paths.length; row++) {
    const image = sharp(paths.at(row)).resize(size, size, { fit: "fill", kernel: "linear" });
    pixels.set(await image.removeAlpha().raw().toBuffer(), row * size * size * 3);
  }
  return { count: paths.length, pixels };
}

async function embed(weights: NamedArrays, images: Images): Promise<Matrix> {
  const { size, dimension, backbone, width } = training;
  const model = createEmbeddingModel({
    backbone: createResNet(backbone, { width }),
    pooling: gem(),
    neck: linearNeck({ dimension }),
  });
  const network = await compile(
    (inputs, parameters) => ({
      outputs: { embedding: model.apply(parameters, inputs.images as Tensor4D).embedding },
    }),
    { inputs: { images: { shape: [batchSize, size, size, 3] } }, state: createState(weights) },
    { threads },
  );
  const data = new Float32Array(images.count * dimension);
  for (let first = 0; first < images.count; first += batchSize) {
    const { embedding } = await network.run({ images: plainBatch(images, first, batchSize) });
    const rows = Math.min(batchSize, images.count - first);
    data.set((embedding.data as Float32Array).subarray(0, rows * dimension), first * dimension);
  }
  await network.dispose();
  return normalizeRows({ data, rows: images.count, columns: dimension });
}
