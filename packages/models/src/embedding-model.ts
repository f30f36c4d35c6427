import { add, matMul, type Tensor, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { generalizedMeanPooling } from "./generalized-mean-pooling.ts";
import { initializeParameters } from "./initialize.ts";
import { batchNorm, batchNormShapes } from "./layers/batch-norm.ts";
import type { ApplyOptions, Backbone, EmbeddingModel } from "./model.ts";
import { beginPass } from "./pass.ts";
import { requireAbove, requirePositiveInteger } from "./require.ts";

/** Options of {@link createEmbeddingModel}. */
export interface EmbeddingModelOptions {
  readonly backbone: Backbone;
  /**
   * Power of the generalized mean that pools the features.
   *
   * @defaultValue 3
   */
  readonly poolingPower?: number;
  /**
   * Makes the power a parameter, `pooling.p` of shape `[1]`, that training moves.
   *
   * @defaultValue false, as in the 2019 winners' published results
   */
  readonly learnablePower?: boolean;
  /**
   * Length of an embedding.
   *
   * @defaultValue 512
   */
  readonly dimension?: number;
}

/**
 * The 2019 retrieval model: backbone, generalized-mean pooling, a linear layer, batch norm.
 *
 * Parameters keep the backbone's names; the layers behind it are `pooling.p`, `neck.fc.weight` `[dimension, channels]`,
 * `neck.fc.bias` and `neck.bn.*`. Embeddings are not normalized here: losses and searches do that.
 *
 * @throws RangeError if `dimension` is not a whole number above 0, or `poolingPower` is not above 0.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet } from "@lmk/models";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet101") });
 * model.shapes["neck.fc.weight"]; // => [512, 2048]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale landmark retrieval/recognition under a noisy
 * and diverse dataset}
 */
export function createEmbeddingModel(options: EmbeddingModelOptions): EmbeddingModel {
  const { backbone, poolingPower = 3, learnablePower = false, dimension = 512 } = options;
  requirePositiveInteger("createEmbeddingModel", "dimension", dimension);
  requireAbove("createEmbeddingModel", "poolingPower", poolingPower);
  const neckShapes: Record<string, readonly number[]> = {
    ...(learnablePower ? { "pooling.p": [1] } : {}),
    "neck.fc.weight": [dimension, backbone.channels],
    "neck.fc.bias": [dimension],
    ...batchNormShapes("neck.bn", dimension),
  };

  return {
    name: backbone.name,
    dimension,
    stride: backbone.stride,
    classifier: backbone.classifier,
    shapes: { ...backbone.shapes, ...neckShapes },
    initialize({ seed }) {
      const neck = initializeParameters(neckShapes, seed);
      const power = learnablePower
        ? { "pooling.p": { shape: [1], data: Float32Array.of(poolingPower) } }
        : {};
      return { ...backbone.initialize({ seed }), ...neck, ...power };
    },
    apply(parameters, images, applyOptions: ApplyOptions = {}) {
      return tidy(() => {
        const { features, statistics } = backbone.apply(parameters, images, applyOptions);
        const pass = beginPass(backbone.name, neckShapes, parameters, applyOptions);
        const power: number | Tensor = learnablePower ? parameters["pooling.p"]! : poolingPower;
        const pooled = generalizedMeanPooling(features, { power });
        const linear = matMul(pooled, parameters["neck.fc.weight"] as Tensor2D, false, true);
        const embedding = batchNorm(pass, "neck.bn", add(linear, parameters["neck.fc.bias"]!) as Tensor2D);
        return { embedding, statistics: { ...statistics, ...pass.statistics } };
      });
    },
  };
}
