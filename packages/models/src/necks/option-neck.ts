import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { InitialRule } from "../initialize.ts";
import { silu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { dropout as drop } from "../layers/dropout.ts";
import { type Layer, operation } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { prelu, preluSlope } from "../layers/prelu.ts";
import { requireName, requirePositiveInteger, requireRate } from "../require.ts";
import { type Neck, neckLayer, pytorchLinear } from "./neck.ts";

/**
 * A neck of the 2020 recognition and 2021 challenges' first places:
 *
 * ```text
 * D: linear, batch norm, PReLU
 * F: dropout, linear, batch norm, PReLU
 * X: linear without bias, batch norm; the 2020 solution's default
 * S: linear, swish
 * ```
 */
export type NeckOption = "D" | "F" | "X" | "S";

/** Options of {@link optionNeck}. */
export interface OptionNeckOptions {
  /**
   * Length of an embedding.
   *
   * @defaultValue 512
   */
  readonly dimension?: number;
  /**
   * Part of the pooled values that option F sets to 0 while training, at least 0 and below 1.
   *
   * @defaultValue 0.3
   */
  readonly dropout?: number;
  /**
   * What names begin with; `"neck"` makes the layers `neck.0`, `neck.1`, and so on, dropout and swish counted.
   *
   * @defaultValue "neck"
   */
  readonly name?: string;
}

const optionNames: Readonly<Record<NeckOption, true>> = { D: true, F: true, X: true, S: true };

/**
 * Describes one of the necks of the 2020 recognition and 2021 challenges' first places.
 *
 * Linear layers are drawn as PyTorch draws them, evenly between ± 1 / √in; the PReLU has one slope, 0.25 at first. Option
 * F needs `random` while it is trained.
 *
 * @throws RangeError if `option` is not one of the four, `dimension` is not a whole number above 0, or `dropout` is not at
 * least 0 and below 1.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, gem, optionNeck } from "@lmk/models";
 *
 * const model = createEmbeddingModel({
 *   backbone: createResNet("resnet50"),
 *   pooling: gem({ learnable: true, name: "global_pool" }),
 *   neck: optionNeck("D"),
 * });
 * model.shapes["neck.0.weight"]; // => [512, 2048]
 * model.shapes["neck.2.weight"]; // => [1], the slope
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with
 * out-of-domain samples}
 */
export function optionNeck(option: NeckOption, options: OptionNeckOptions = {}): Neck {
  const { dimension = 512, dropout = 0.3, name = "neck" } = options;
  requireName("optionNeck", "option", option, optionNames);
  requirePositiveInteger("optionNeck", "dimension", dimension);
  requireRate("optionNeck", "dropout", dropout);
  const first = option === "F" ? 1 : 0;
  const [linearName, normName, slopeName] = [0, 1, 2].map((i) => `${name}.${first + i}`) as [
    string,
    string,
    string,
  ];
  return {
    layer(channels) {
      const layers: Layer<Tensor2D>[] = [
        linear(linearName, { in: channels, out: dimension, bias: option !== "X" }),
      ];
      if (option === "F") layers.unshift(drop("optionNeck", dropout));
      if (option === "S") layers.push(operation(silu));
      else layers.push(batchNormalization(normName, dimension));
      if (option === "D" || option === "F") layers.push(prelu(slopeName));
      const initial: InitialRule = (parameter) => {
        if (parameter.startsWith(`${linearName}.`)) return pytorchLinear(channels);
        if (parameter === `${slopeName}.weight`) return { kind: "constant", value: preluSlope };
        return undefined;
      };
      return neckLayer(layers, { dimension, initial });
    },
  };
}
