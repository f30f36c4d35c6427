import { addN, div, image, pow, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "./model.ts";
import type { Parameters } from "./parameters.ts";
import { requireAbove, requireName, requirePositiveInteger, requireShape } from "./require.ts";
import { roundHalfToEven } from "./round-half-to-even.ts";
import { unitLength } from "./unit-length.ts";

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
  /**
   * How scaled sides become whole numbers: `"stride"` floors to a multiple of the model's stride, `"floor"` and `"round"`
   * to a pixel.
   *
   * @defaultValue "stride"
   */
  readonly sides?: "stride" | "floor" | "round";
  /**
   * Whether corner pixels stay in the corners when an image is resized bilinearly; otherwise pixels are areas, as in OpenCV
   * and in PyTorch by default.
   *
   * @defaultValue true
   */
  readonly alignCorners?: boolean;
  /**
   * Which embeddings are brought to length 1: `"each"` those of each scale, `"mean"` what they are merged to, `"both"`.
   *
   * @defaultValue "none"
   */
  readonly normalize?: "none" | "each" | "mean" | "both";
  /**
   * Power of the generalized mean that merges the scales. With another power than 1 no embedding may hold a negative value,
   * or NaN comes out: give it to models that end in a generalized mean, with the power of that.
   *
   * @defaultValue 1, the mean
   */
  readonly power?: number;
}

/** The solutions' ways of embedding at several sizes, to give to {@link embedMultiScale}. */
export interface MultiScalePresets {
  /** Mean of the raw embeddings at three sizes: the 2019 challenges' first and third place; the default. */
  readonly landmark2019: MultiScaleOptions;
  /** Mean of unit embeddings at five sizes, brought to length 1: the DOLG paper. */
  readonly dolg: MultiScaleOptions;
  /**
   * Mean of unit embeddings at three sizes, brought to length 1: Radenović's networks. For models that end in generalized-mean
   * pooling, without neck or whitening, his code also sets `power` to the pooling's.
   */
  readonly radenovic: MultiScaleOptions;
}

/** See {@link MultiScalePresets}. */
export const multiScalePresets: MultiScalePresets = {
  landmark2019: {},
  dolg: {
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: the paper's own digits
    scales: [0.3535, 0.5, 0.7071, 1, 1.4142],
    minimumSide: 1,
    sides: "round",
    alignCorners: false,
    normalize: "both",
  },
  radenovic: {
    scales: [1, Math.SQRT2, Math.SQRT1_2],
    minimumSide: 1,
    sides: "floor",
    alignCorners: false,
    normalize: "both",
  },
};

/**
 * Embeddings merged over several sizes of the same images.
 *
 * ```text
 * y = ( 1/S · Σ xₛᵖ )^(1/p)
 * ```
 *
 * Each side is scaled, made a whole number and raised to the minimum; images are resized bilinearly. Where the size stays,
 * they are not touched.
 *
 * @param images - `[N, H, W, 3]`.
 * @returns `[N, dimension]`, of length 1 only if `normalize` says so; the caller disposes it.
 * @throws RangeError if `images` is not `[N, H, W, 3]`, `scales` is empty or holds a factor that is not above 0,
 * `minimumSide` is not a whole number above 0, `power` is not above 0, or `sides` or `normalize` is not one of its names.
 *
 * @example
 * ```ts
 * import "@tensorflow/tfjs-backend-cpu";
 * import { createEmbeddingModel, createResNet, embedMultiScale, linearNeck, multiScalePresets } from "@lmk/models";
 * import { tensor, zeros } from "@tensorflow/tfjs-core";
 *
 * const backbone = createResNet("resnet18", { width: 2 });
 * const model = createEmbeddingModel({ backbone, neck: linearNeck({ dimension: 8 }) });
 * const arrays = Object.entries(model.initialize({ seed: 1 }));
 * const parameters = Object.fromEntries(arrays.map(([name, { data, shape }]) => [name, tensor(data, shape)]));
 * const images = zeros([1, 128, 160, 3]);
 * embedMultiScale(model, parameters, images).shape; // => [1, 8], from 128 × 128, 128 × 160, 160 × 192
 * embedMultiScale(model, parameters, images, multiScalePresets.dolg); // five sizes, length 1
 * ```
 */
export function embedMultiScale(
  model: EmbeddingModel,
  parameters: Parameters,
  images: Tensor4D,
  options: MultiScaleOptions = {},
): Tensor2D {
  const { scales = [0.75, 1, 1.25], alignCorners = true, normalize = "none", power = 1 } = options;
  requireShape("embedMultiScale", "images", images.shape, ["N", "H", "W", 3]);
  requireMultiScale("embedMultiScale", options);
  const [, height, width] = images.shape;
  return tidy(() => {
    const embeddings = scales.map((scale) => {
      const size = [height, width].map((side) => scaledSide(side, scale, model.stride, options));
      const [tall, wide] = size as [number, number];
      const resized =
        tall === height && wide === width
          ? images
          : image.resizeBilinear(images, [tall, wide], alignCorners, !alignCorners);
      const { embedding } = model.apply(parameters, resized);
      const each = normalize === "each" || normalize === "both" ? unitLength(embedding, 1e-6) : embedding;
      return power === 1 ? each : pow(each, power);
    });
    const mean = div<Tensor2D>(addN(embeddings), scales.length);
    const merged = power === 1 ? mean : (pow(mean, 1 / power) as Tensor2D);
    return normalize === "mean" || normalize === "both" ? unitLength(merged, 1e-6) : merged;
  });
}

function scaledSide(
  side: number,
  scale: number,
  stride: number,
  { sides = "stride", minimumSide = 128 }: MultiScaleOptions,
): number {
  const scaled = side * scale;
  if (sides === "stride") return Math.max(minimumSide, Math.floor(scaled / stride) * stride);
  return Math.max(minimumSide, sides === "floor" ? Math.floor(scaled) : roundHalfToEven(scaled));
}

/** Refuses options that {@link embedMultiScale} cannot run with. */
export function requireMultiScale(caller: string, options: MultiScaleOptions): void {
  const { scales = [0.75, 1, 1.25], minimumSide = 128, power = 1 } = options;
  const { sides = "stride", normalize = "none" } = options;
  if (scales.length === 0)
    throw new RangeError(`${caller}: expected \`scales\` to hold at least one factor, got none`);
  for (const scale of scales) requireAbove(caller, "scales", scale);
  requirePositiveInteger(caller, "minimumSide", minimumSide);
  requireName(caller, "sides", sides, { stride: 0, floor: 0, round: 0 });
  requireName(caller, "normalize", normalize, { none: 0, each: 0, mean: 0, both: 0 });
  requireAbove(caller, "power", power);
}
