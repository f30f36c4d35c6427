import { addN, div, image, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "./model.ts";
import type { Parameters } from "./parameters.ts";

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
 * @throws RangeError if `scales` is empty or holds a factor that is not above 0.
 */
export function embedMultiScale(
  model: EmbeddingModel,
  parameters: Parameters,
  images: Tensor4D,
  options: MultiScaleOptions = {},
): Tensor2D {
  const { scales = [0.75, 1, 1.25], minimumSide = 128 } = options;
  if (scales.length === 0 || !scales.every((scale) => scale > 0)) {
    throw new RangeError(`embedMultiScale: expected \`scales\` to be factors above 0, got [${scales}]`);
  }
  const [, height, width] = images.shape;
  const side = (length: number, scale: number): number =>
    Math.max(minimumSide, Math.floor((length * scale) / model.stride) * model.stride);
  const embeddings = scales.map((scale) => {
    const size: [number, number] = [side(height, scale), side(width, scale)];
    const same = size[0] === height && size[1] === width;
    const resized = same ? images : image.resizeBilinear(images, size, true);
    return model.apply(parameters, resized).embedding;
  });
  return div(addN(embeddings), scales.length);
}
