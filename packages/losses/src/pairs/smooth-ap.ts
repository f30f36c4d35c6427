import {
  add,
  div,
  max,
  maximum,
  mul,
  type Scalar,
  step,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { ratio } from "../ratio.ts";
import { requirePairs, requirePositive } from "../require.ts";
import { pairCosines } from "./pair-cosines.ts";
import { pairMasks } from "./pair-masks.ts";
import { softRanks } from "./soft-ranks.ts";

/** Options of {@link smoothAp}. */
export interface SmoothApOptions {
  /**
   * Width τ of the sigmoid that replaces the step in a rank, above 0, in cosines.
   *
   * @defaultValue 0.01, as in the paper
   */
  readonly temperature?: number;
  /**
   * Whether each query stands among its own results, as a positive at cosine 1. The authors' code has it so; the paper
   * leaves the query out.
   *
   * @defaultValue false
   */
  readonly includeQuery?: boolean;
}

/**
 * Smooth average precision: one minus the mean AP of each embedding as a query of the rest, with soft ranks.
 *
 * ```text
 * APᵢ = 1/|P(i)| Σ over j in P(i) of  R(j, P(i)) / R(j, Ω(i))
 * R(j, S) = 1 + Σ over k in S, k ≠ j of  sigmoid((cos(i, k) − cos(i, j)) / τ)
 * loss = 1 − mean over i of APᵢ
 * ```
 *
 * where `P(i)` are the results of query `i`'s class and `Ω(i)` all its results. Any labels will do: classes need not be of
 * one size, and queries without positives stay out of the mean. A batch without positives costs 0. Embeddings are
 * L2-normalized here. Memory grows with N³.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar, from 0 to 1; the caller disposes it.
 * @throws RangeError if the shapes do not fit together or `temperature` is not above 0.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { smoothAp } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * // The first query finds its positive first, the second finds it second.
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * smoothAp(embeddings, tensor1d([0, 0, 1], "int32")); // => 0.25
 * ```
 *
 * @see {@link https://arxiv.org/abs/2007.12163 | Brown et al., Smooth-AP}
 */
export function smoothAp(embeddings: Tensor2D, labels: Tensor1D, options: SmoothApOptions = {}): Scalar {
  const { temperature = 0.01, includeQuery = false } = options;
  requirePairs("smoothAp", embeddings, labels);
  requirePositive("smoothAp", "temperature", temperature);
  return tidy(() => {
    const similarities = pairCosines(embeddings);
    const { positive, negative } = pairMasks(labels);
    const others = add(positive, negative) as Tensor2D;
    const self = sub(1, others);
    const results = (includeQuery ? add(others, self) : others) as Tensor2D;
    const right = (includeQuery ? add(positive, self) : positive) as Tensor2D;
    const amongRight = softRanks(similarities, right, temperature);
    const amongAll = softRanks(similarities, results, temperature);
    const precision = div(sum(mul(right, div(amongRight, amongAll)), 1), maximum(sum(right, 1), 1));
    const queries = max(step(positive), 1);
    return ratio(sum(mul(sub(1, precision), queries)), sum(queries));
  });
}
