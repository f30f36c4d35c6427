import {
  mul,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { requireAngle, requireHead, requireOneOf, requireShape } from "../require.ts";
import { adaCosScale, batchScale, requireClip } from "./adacos-scale.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { widenTarget } from "./target-margin.ts";

/** Options of {@link fixedAdaCos}. */
export interface FixedAdaCosOptions extends CrossEntropyOptions {
  /**
   * Angle θ₀ the scale is made for, in radians, above 0 and below π/2.
   *
   * @defaultValue π/4, as in the paper; the 2019 winners used 1.25
   */
  readonly clipAngle?: number;
  /**
   * Angle added between an embedding and its own class, in radians, from 0 to π, also where that passes π.
   *
   * @defaultValue 0, as in the paper; the 2019 winners used 0.3
   */
  readonly margin?: number;
}

/** Options of {@link adaCos}. */
export interface AdaCosOptions extends FixedAdaCosOptions {
  /**
   * Angles whose median counts: those to the own classes, `[N]`, or all `N · C` of them, as in the 2019 winners' code.
   * All of them are near π/2, so that then the clip angle alone decides. Their median costs a sort of all cosines.
   *
   * @defaultValue "own", as in the paper
   */
  readonly medianOf?: "own" | "all";
}

/** What {@link adaCos} gives. */
export interface AdaCosResult {
  /** Mean over the batch. */
  readonly loss: Scalar;
  /** `final.running_scale`, the scale of this batch, to be given to the next step. */
  readonly statistics: Readonly<Record<"final.running_scale", Tensor>>;
}

function requireOptions(caller: string, weight: Tensor2D, options: AdaCosOptions): void {
  const { margin = 0, clipAngle = Math.PI / 4, medianOf = "own" } = options;
  requireAngle(caller, "margin", margin);
  requireOneOf(caller, "medianOf", medianOf, ["own", "all"]);
  requireClip(caller, clipAngle);
  if (weight.shape[0] > 2) return;
  throw new RangeError(`${caller}: expected \`weight\` to have more than 2 rows, got ${weight.shape[0]}`);
}

/**
 * AdaCos with a fixed scale: normalized softmax with the scale that suits the number of classes.
 *
 * ```text
 * zᵢⱼ = s · cos θᵢⱼ,  s = ln(C − 1) / cos θ₀        √2 · ln(C − 1) for θ₀ = π/4
 * ```
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, more than 2, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `weight` has fewer than 3 rows, `clipAngle` is not above 0 and
 * below π/2, or `margin` is not from 0 to π; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { fixedAdaCos } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1], [-1, 0], [0, -1]]);
 * fixedAdaCos(tensor2d([[3, 4]]), weight, tensor1d([1], "int32")); // => 0.657392
 * ```
 *
 * @see {@link https://arxiv.org/abs/1905.00292 | Zhang et al., AdaCos}
 */
export function fixedAdaCos(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: FixedAdaCosOptions = {},
): Scalar {
  requireHead("fixedAdaCos", embeddings, weight, labels);
  requireOptions("fixedAdaCos", weight, options);
  const { margin = 0, clipAngle } = options;
  return tidy(() => {
    const widened = widenTarget(cosines(embeddings, weight), labels, margin, "none");
    return crossEntropy(mul(widened, adaCosScale(weight.shape[0], clipAngle)), labels, options);
  });
}

/**
 * AdaCos: normalized softmax whose scale follows the angles of the batch.
 *
 * ```text
 * B   = 1/N · Σᵢ Σ exp(running · cos θᵢⱼ) over j ≠ yᵢ
 * s   = ln B / cos(min(θ₀, median θ))                 held constant in the gradient, at least 0.1
 * zᵢⱼ = s · cos θᵢⱼ                for j ≠ yᵢ
 * zᵢⱼ = s · cos(θᵢⱼ + m)           for j = yᵢ
 * ```
 *
 * Of an even number of angles the median is the lower of the two in the middle, as PyTorch's. `ln B` is computed as a
 * log-sum-exp, so that large scales do not overflow.
 *
 * The 2019 winners used a clip angle of 1.25, a margin of 0.3 and the median of all angles; trained on several devices,
 * their code forgot the scale after each step, as {@link batchAdaCos} does.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, more than 2, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param running - The scale of the step before, a scalar above 0; {@link adaCosParameters} gives the first.
 * @returns The loss and the scale it used; the caller disposes both.
 * @throws RangeError if the shapes do not fit together, `weight` has fewer than 3 rows, `clipAngle` is not above 0 and
 * below π/2, `margin` is not from 0 to π, or `medianOf` is unknown; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { adaCos, adaCosScale } from "@lmk/losses";
 * import { scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1], [-1, 0], [0, -1]]);
 * const running = scalar(adaCosScale(4));
 * const result = adaCos(tensor2d([[3, 4]]), weight, tensor1d([1], "int32"), running);
 * result.statistics["final.running_scale"]; // => 1.462627
 * ```
 *
 * @see {@link https://arxiv.org/abs/1905.00292 | Zhang et al., AdaCos}
 */
export function adaCos(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  running: Scalar,
  options: AdaCosOptions = {},
): AdaCosResult {
  requireHead("adaCos", embeddings, weight, labels);
  requireShape("adaCos", "running", running, []);
  requireOptions("adaCos", weight, options);
  const { margin = 0 } = options;
  const [loss, scale] = tidy(() => {
    const cosine = cosines(embeddings, weight);
    const scale = batchScale(cosine, labels, running, options);
    const logits = mul(widenTarget(cosine, labels, margin, "none"), scale) as Tensor2D;
    return [crossEntropy(logits, labels, options), scale];
  });
  return { loss, statistics: { "final.running_scale": scale } };
}

/**
 * AdaCos without memory: each batch's scale is one step from the fixed one, as in the 2020 retrieval winners' code.
 *
 * {@link adaCos} with `running = adaCosScale(C, θ₀)` every time.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, more than 2, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `weight` has fewer than 3 rows, `clipAngle` is not above 0 and
 * below π/2, `margin` is not from 0 to π, or `medianOf` is unknown; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { batchAdaCos } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1], [-1, 0], [0, -1]]);
 * batchAdaCos(tensor2d([[3, 4]]), weight, tensor1d([1], "int32")); // => 0.678906
 * ```
 *
 * @see {@link https://arxiv.org/abs/2009.05132 | Jeon, 1st Place Solution to Google Landmark Retrieval 2020}
 */
export function batchAdaCos(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: AdaCosOptions = {},
): Scalar {
  requireHead("batchAdaCos", embeddings, weight, labels);
  requireOptions("batchAdaCos", weight, options);
  return tidy(() => {
    const initial = scalar(adaCosScale(weight.shape[0], options.clipAngle));
    return adaCos(embeddings, weight, labels, initial, options).loss;
  });
}
