import {
  dynamicMargins,
  type SubCenterArcFaceOptions,
  subCenterArcFace,
  subCenterArcFaceParameters,
} from "@lmk/losses";
import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import { type EmbeddingLoss, UserError } from "@lmk-example/kit";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { NetworkConfig } from "./network-config.ts";

/** Name of the head's rows, which are one class's centers after another's. */
export function headName({ model }: Pick<NetworkConfig, "model">): string {
  return model === "effnet_landmark" ? "metric_classify.weight" : "head.weight";
}

/** Rows of the head for each class: three, or the one of the second place of 2020. */
export function headCenters({ model }: Pick<NetworkConfig, "model">): number {
  return model === "efficientnet_gem_fc_face" ? 1 : 3;
}

/** Fresh rows of a head. */
export function initialHead(
  config: NetworkConfig,
  {
    classes,
    dimension,
    seed,
  }: { readonly classes: number; readonly dimension: number; readonly seed: number },
): NamedArrays {
  const centers = headCenters(config);
  const rows = subCenterArcFaceParameters({ classes, dimension, centers, seed });
  return { [headName(config)]: rows["final.weight"]! };
}

/**
 * The margin of each class, or of all, in radians.
 *
 * @param counts - Images of each class in the order of the classes, at least 1. The original counts classes that have images;
 * here one without is an error, for there the margins of all classes behind it would be those of others.
 * @throws RangeError if a class has no images.
 * @throws UserError if the config has no loss of this kind; `bce` is the original's default, which trains nothing.
 */
export function headMargins(config: NetworkConfig, counts: ArrayLike<number>): Float32Array | number {
  const { name, loss, arcface_m, arcface_m_x, arcface_m_y } = config;
  switch (loss) {
    case "adaptive_arcface":
      return dynamicMargins(counts, { minimum: arcface_m_y, maximum: arcface_m_x + arcface_m_y });
    case "arcface":
      return arcface_m;
    case "bce":
      throw new UserError(
        `${name}: expected loss to be adaptive_arcface or arcface, got ${loss}; set it, for the default trains nothing`,
      );
  }
}

/** The loss of a network on `images` and `labels`. */
export function trainingLoss(
  model: EmbeddingModel,
  config: NetworkConfig,
  margin: Float32Array | number,
): EmbeddingLoss {
  const options: SubCenterArcFaceOptions = {
    scale: config.arcface_s,
    centers: headCenters(config),
    beyond: "linear",
    labelSmoothing: config.label_smoothing,
    margin,
  };
  return (parameters, inputs, context) => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const head = parameters[headName(config)] as Tensor2D;
    return { loss: subCenterArcFace(embedding, head, inputs.labels as Tensor1D, options), statistics };
  };
}
