import { addN, div, image, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "./model.ts";
import type { Parameters } from "./parameters.ts";
import { requireAbove, requirePositiveInteger, requireShape } from "./require.ts";

/** Options of {@link embedMultiScale}. */
export interface MultiScaleOptions {
  /**
   * Factors on the sides of the images.
   *
   * @defaultValue [0.75, 1, 1.25], the 2019 winners'
   */
  readonly scales?: readonly number[];
  /**
   * Smallest side after scaling, in pixels.
   *
   * @defaultValue 128, as in the 2019 winners' code
   */
  readonly minimumSide?: number;
}

/**
 * Embeddings averaged over several sizes of the same images, before any normalization.
 *
 * Each side is scaled, floored to a multiple of the model's stride and raised to the minimum; images are resized
 * bilinearly with aligned corners.
 *
 * @param images - `[N, H, W, 3]`.
 * @returns `[N, dimension]`, not normalized; the caller disposes it.
 * @throws RangeError if `images` is not `[N, H, W, 3]`, `scales` is empty or holds a factor that is not above 0, or
 * `minimumSide` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import "@tensorflow/tfjs-backend-cpu";
 * import { createEmbeddingModel, createResNet, embedMultiScale } from "@lmk/models";
 * import { tensor, zeros } from "@tensorflow/tfjs-core";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet18", { width: 2 }), dimension: 8 });
 * const arrays = Object.entries(model.initialize({ seed: 1 }));
 * const parameters = Object.fromEntries(arrays.map(([name, { data, shape }]) => [name, tensor(data, shape)]));
 * embedMultiScale(model, parameters, zeros([1, 128, 160, 3])).shape; // => [1, 8], from 128 × 128, 128 × 160, 160 × 192
 * ```
 */
export function embedMultiScale(
  model: EmbeddingModel,
  parameters: Parameters,
  images: Tensor4D,
  options: MultiScaleOptions = {},
): Tensor2D {
  const { scales = [0.75, 1, 1.25], minimumSide = 128 } = options;
  requireShape("embedMultiScale", "images", images.shape, ["N", "H", "W", 3]);
  if (scales.length === 0)
    throw new RangeError("embedMultiScale: expected `scales` to hold at least one factor, got none");
  for (const scale of scales) requireAbove("embedMultiScale", "scales", scale);
  requirePositiveInteger("embedMultiScale", "minimumSide", minimumSide);
  const [, height, width] = images.shape;
  const side = (length: number, scale: number): number =>
    Math.max(minimumSide, Math.floor((length * scale) / model.stride) * model.stride);
  return tidy(() => {
    const embeddings = scales.map((scale) => {
      const size: [number, number] = [side(height, scale), side(width, scale)];
      const same = size[0] === height && size[1] === width;
      const resized = same ? images : image.resizeBilinear(images, size, true);
      return model.apply(parameters, resized).embedding;
    });
    return div(addN(embeddings), scales.length);
  });
}
