import type { ApplyOptions, NamedArrays, Parameters } from "@lmk/models";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { createRandom } from "../../measure/random.ts";

/** A network of torchvision without its classifier, under torchvision's parameter names. */
export interface Network {
  /** Length of the features that the classifier sees. */
  readonly channels: number;
  /** Where torchvision keeps the classifier: `HEAD.weight` and `HEAD.bias`. */
  readonly head: string;
  readonly initialize: (options: { readonly seed: number }) => NamedArrays;
  /** Features `[N, channels]`, averaged over places, of images `[N, H, W, 3]`; and new running statistics. */
  readonly apply: (
    parameters: Parameters,
    images: Tensor4D,
    options: ApplyOptions,
  ) => { readonly features: Tensor2D; readonly statistics: Parameters };
}

/** One forward pass: where weights come from, and where new running statistics go. */
export interface Pass {
  readonly parameters: Parameters;
  /** Whether batch norm uses the batch's statistics. */
  readonly batchStatistics: boolean;
  readonly statistics: Record<string, Tensor>;
}

/** Begins a forward pass. */
export function beginPass(
  parameters: Parameters,
  { training = false, batchNorm = training ? "batch" : "running" }: ApplyOptions,
): Pass {
  return { parameters, batchStatistics: batchNorm === "batch", statistics: {} };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * Seeded weights that keep the size of what passes through: filters `[height, width, in, out]` uniform of variance
 * `2 / (in · height · width)`, matrices `[out, in]` of variance `1 / in`, norms the identity, biases zero.
 */
export function initialWeights(shapes: Shapes, seed: number): NamedArrays {
  const random = createRandom(seed);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((size, side) => size * side, 1));
      const bound = Math.sqrt(3 * varianceFor(shape));
      if (shape.length === 1) data.fill(/weight$|running_var$/.test(name) ? 1 : 0);
      else for (let i = 0; i < data.length; i++) data[i] = (2 * random() - 1) * bound;
      return [name, { shape, data }];
    }),
  );
}

function varianceFor(shape: readonly number[]): number {
  const [height, width, input] = shape;
  return shape.length === 4 ? 2 / (height * width * input) : 1 / width;
}
