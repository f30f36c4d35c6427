import type { Tensor2D } from "@tensorflow/tfjs-core";
import { batchNormalization } from "../layers/batch-norm.ts";
import { dropout as drop } from "../layers/dropout.ts";
import { linear } from "../layers/linear.ts";
import { requirePositiveInteger, requireRate } from "../require.ts";
import { type Neck, type NeckNames, neckLayer } from "./neck.ts";

/** Options of {@link linearNeck}. */
export interface LinearNeckOptions {
  /**
   * Length of an embedding.
   *
   * @defaultValue 512
   */
  readonly dimension?: number;
  /**
   * Whether the linear layer has a bias.
   *
   * @defaultValue true
   */
  readonly bias?: boolean;
  /**
   * Part of the pooled values that is set to 0 while training, at least 0 and below 1.
   *
   * @defaultValue 0
   */
  readonly dropout?: number;
  /**
   * Names in a checkpoint; the 2019 winners' own have `"fc"` and `"bn"`.
   *
   * @defaultValue `{ linear: "neck.fc", norm: "neck.bn" }`
   */
  readonly names?: NeckNames;
}

/**
 * Describes the neck of the 2019 challenge's first place and of the 2020 recognition challenge's second: dropout, a linear
 * layer, batch norm.
 *
 * The weight is drawn from a normal distribution with variance `2 / (in + out)`, biases are 0.
 *
 * @throws RangeError if `dimension` is not a whole number above 0, or `dropout` is not at least 0 and below 1.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, linearNeck } from "@lmk/models";
 *
 * const neck = linearNeck({ dimension: 256 });
 * createEmbeddingModel({ backbone: createResNet("resnet50"), neck }).shapes["neck.fc.weight"]; // => [256, 2048]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale landmark retrieval/recognition under a noisy
 * and diverse dataset}
 */
export function linearNeck(options: LinearNeckOptions = {}): Neck {
  const { dimension = 512, bias = true, dropout = 0 } = options;
  const { names = { linear: "neck.fc", norm: "neck.bn" } } = options;
  requirePositiveInteger("linearNeck", "dimension", dimension);
  requireRate("linearNeck", "dropout", dropout);
  return {
    layer: (channels) =>
      neckLayer(
        [
          ...(dropout > 0 ? [drop("linearNeck", dropout)] : []),
          linear(names.linear, { in: channels, out: dimension, bias }),
          batchNormalization<Tensor2D>(names.norm, dimension),
        ],
        { dimension },
      ),
  };
}
