import type { Tensor2D } from "@tensorflow/tfjs-core";
import { batchNormalization } from "../layers/batch-norm.ts";
import { linear } from "../layers/linear.ts";
import { requirePositiveInteger } from "../require.ts";
import { glorotUniform, type Neck, type NeckNames, neckLayer } from "./neck.ts";

/** Options of {@link fcNeck}. */
export interface FcNeckOptions {
  /**
   * Length of an embedding.
   *
   * @defaultValue 512
   */
  readonly dimension?: number;
  /**
   * Whether training moves the bias of the batch norm.
   *
   * @defaultValue false: it is among the model's `frozen` parameters
   */
  readonly trainBias?: boolean;
  /**
   * Names in a checkpoint.
   *
   * @defaultValue `{ linear: "fcneck", norm: "fcneck_bn" }`
   */
  readonly names?: NeckNames;
}

/** Options of {@link batchNormNeck}. */
export interface BatchNormNeckOptions {
  /**
   * Whether training moves the bias.
   *
   * @defaultValue false: it is among the model's `frozen` parameters
   */
  readonly trainBias?: boolean;
  /**
   * Name of the batch norm.
   *
   * @defaultValue "bottleneck"
   */
  readonly name?: string;
}

/**
 * Describes the neck of the 2021 retrieval challenge's second place: a linear layer without bias, then batch norm whose
 * bias stays 0.
 *
 * The weight is drawn evenly with variance `2 / (in + out)`.
 *
 * @throws RangeError if `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, fcNeck } from "@lmk/models";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet50"), neck: fcNeck() });
 * model.shapes["fcneck.weight"]; // => [512, 2048]
 * model.frozen; // => ["fcneck_bn.bias"]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al., 2nd place solution to Google Landmark Retrieval 2021}
 */
export function fcNeck(options: FcNeckOptions = {}): Neck {
  const { dimension = 512, trainBias = false } = options;
  const { names = { linear: "fcneck", norm: "fcneck_bn" } } = options;
  requirePositiveInteger("fcNeck", "dimension", dimension);
  return {
    layer: (channels) =>
      neckLayer(
        [
          linear(names.linear, { in: channels, out: dimension, bias: false }),
          batchNormalization<Tensor2D>(names.norm, dimension),
        ],
        {
          dimension,
          initial: (parameter) =>
            parameter === `${names.linear}.weight` ? glorotUniform(channels, dimension) : undefined,
          frozen: trainBias ? [] : [`${names.norm}.bias`],
        },
      ),
  };
}

/**
 * Describes batch norm of the pooled vector itself, with a bias that stays 0: the 2021 retrieval challenge's second place
 * without its linear layer (`NECK_DIM` 0).
 *
 * @example
 * ```ts
 * import { batchNormNeck, createEmbeddingModel, createResNet } from "@lmk/models";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet50"), neck: batchNormNeck() });
 * model.dimension; // => 2048
 * model.frozen; // => ["bottleneck.bias"]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.08332 | Luo et al., A strong baseline and batch normalization neck for deep person
 * re-identification}
 */
export function batchNormNeck(options: BatchNormNeckOptions = {}): Neck {
  const { trainBias = false, name = "bottleneck" } = options;
  return {
    layer: (channels) =>
      neckLayer([batchNormalization<Tensor2D>(name, channels)], {
        dimension: channels,
        frozen: trainBias ? [] : [`${name}.bias`],
      }),
  };
}
