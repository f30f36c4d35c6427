import { arcFaceParameters } from "@lmk/losses";
import {
  averageMax,
  type Backbone,
  batchNormNeck,
  createEfficientNet,
  createEmbeddingModel,
  createResNeSt,
  createResNet,
  type EfficientNetName,
  type EmbeddingModel,
  fcNeck,
  gem,
  type NamedArrays,
  type ResNeStName,
} from "@lmk/models";
import { UserError } from "@lmk-example/kit";
import type { YmlConfig } from "./yml-config.ts";

/** What makes a network smaller than the published one. */
export interface NetworkSize {
  /** Channels of the first stage, of which published networks have 64; of an EfficientNet the factor of all channels. */
  readonly width?: number;
  /** Blocks of the four stages; an EfficientNet has its own. */
  readonly depths?: readonly number[];
}

/** The head's rows, one for each class. */
export const headName = "classifier.weight";

/**
 * The network of a config: backbone, pooling to 2048 numbers, linear layer to 512 without bias, batch norm. An embedding is
 * what the batch norm gives.
 *
 * @throws UserError if `MODEL.NAME` is no backbone of the original's.
 */
export function createNetwork({ MODEL }: Pick<YmlConfig, "MODEL">, size: NetworkSize = {}): EmbeddingModel {
  const { NECK_DIM, NECK_BIAS, GEM } = MODEL;
  return createEmbeddingModel({
    backbone: createBackbone(MODEL, size),
    pooling: GEM ? gem() : averageMax(),
    // The original trains no bias of a batch norm that has no linear layer before it.
    neck: NECK_DIM > 0 ? fcNeck({ dimension: NECK_DIM, trainBias: NECK_BIAS }) : batchNormNeck(),
  });
}

/** Fresh weights of a network and of its head. */
export function initialParameters(
  model: EmbeddingModel,
  { classes, seed }: { readonly classes: number; readonly seed: number },
): NamedArrays {
  const head = arcFaceParameters({ classes, dimension: model.dimension, seed });
  return { ...model.initialize({ seed }), [headName]: head["final.weight"]! };
}

/** Classes of the head, for a list that has so many. */
export function headClasses({ MODEL }: Pick<YmlConfig, "MODEL">, listClasses: number): number {
  return MODEL.NUM_CLASSES > 0 ? 203_094 : listClasses;
}

const resnests: readonly string[] = ["resnest50", "resnest101", "resnest200", "resnest269"];

function createBackbone({ NAME, LAST_STRIDE }: YmlConfig["MODEL"], size: NetworkSize): Backbone {
  const lastStride = LAST_STRIDE === 1 ? 1 : 2;
  const { width } = size;
  if (resnests.includes(NAME)) return createResNeSt(NAME as ResNeStName, { ...size, lastStride });
  if (/^efficientnet-b[0-7]$/.test(NAME)) {
    const name = `tf_${NAME.replace("-", "_")}_ns` as EfficientNetName;
    return createEfficientNet(name, width === undefined ? {} : { width });
  }
  if (NAME === "resnet50") return createResNet(NAME, { ...size, lastStride, shortcut: "average" });
  if (NAME === "resnet101_ibn_a") return createResNet(NAME, { ...size, lastStride });
  // The original's code of these two does not look at LAST_STRIDE.
  if (NAME === "se_resnet101_ibn_a" || NAME === "resnext101_ibn_a") {
    return createResNet(NAME, { ...size, lastStride: 1 });
  }
  const others = "resnet50, resnet101_ibn_a, se_resnet101_ibn_a, resnext101_ibn_a, efficientnet-b0 to -b7";
  throw new UserError(
    `MODEL.NAME: expected one of ${others}, ${resnests.join(", ")}, got ${NAME}; correct it`,
  );
}
