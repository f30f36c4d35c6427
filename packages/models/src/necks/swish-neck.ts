import { silu } from "../layers/activations.ts";
import { operation } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { requirePositiveInteger } from "../require.ts";
import { glorotUniform, type Neck, neckLayer, pytorchLinear } from "./neck.ts";

/** Options of {@link swishNeck}. */
export interface SwishNeckOptions {
  /**
   * Length of an embedding.
   *
   * @defaultValue 512
   */
  readonly dimension?: number;
  /**
   * How the linear layer is drawn: `"pytorch"` evenly between ± 1 / √in, `"keras"` evenly with variance `2 / (in + out)`
   * and a bias of 0.
   *
   * @defaultValue "pytorch"
   */
  readonly initial?: "pytorch" | "keras";
  /**
   * Name of the linear layer.
   *
   * @defaultValue "feat"
   */
  readonly name?: string;
}

/**
 * Describes the neck of the 2020 recognition challenge's third place, and with `initial: "keras"` of the 2020 retrieval
 * challenge's first: a linear layer, then `x · sigmoid(x)`. Both pool by the average, {@link spoc}.
 *
 * @throws RangeError if `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, spoc, swishNeck } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * const model = createEmbeddingModel({ backbone, pooling: spoc(), neck: swishNeck() });
 * model.shapes["feat.weight"]; // => [512, 2048]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al., Google Landmark Recognition 2020 competition third place
 * solution}
 */
export function swishNeck(options: SwishNeckOptions = {}): Neck {
  const { dimension = 512, initial = "pytorch", name = "feat" } = options;
  requirePositiveInteger("swishNeck", "dimension", dimension);
  return {
    layer: (channels) =>
      neckLayer([linear(name, { in: channels, out: dimension }), operation(silu)], {
        dimension,
        initial(parameter) {
          if (initial === "pytorch") return pytorchLinear(channels);
          return parameter === `${name}.weight` ? glorotUniform(channels, dimension) : undefined;
        },
      }),
  };
}
