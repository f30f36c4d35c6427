import {
  add,
  max,
  mul,
  type Scalar,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { ratio } from "../ratio.ts";
import { requireNotNegative, requirePairs, requirePositive, requireShape } from "../require.ts";
import { maskedLogSumExp } from "./masked-log-sum-exp.ts";

/** Options of {@link proxyAnchor}. */
export interface ProxyAnchorOptions {
  /**
   * Cosine δ of at least 0: a positive's cosine should be above δ and a negative's below −δ.
   *
   * @defaultValue 0.1, as in the paper
   */
  readonly margin?: number;
  /**
   * Sharpness α, above 0.
   *
   * @defaultValue 32, as in the paper
   */
  readonly scale?: number;
}

/**
 * Proxy-anchor loss: every class has a proxy, and each proxy as an anchor draws and pushes the batch, hard ones more.
 *
 * ```text
 * 1/|P⁺| Σ over p in P⁺ of  log(1 + Σ over x of class p of  exp(−α (cos(x, p) − δ)))
 *  + 1/C Σ over p       of  log(1 + Σ over other x      of  exp( α (cos(x, p) + δ)))
 * ```
 *
 * where `P⁺` are the proxies of the classes in the batch and `C` counts all. Embeddings and proxies are L2-normalized here.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param proxies - `[C, d]`, a row per class, of any length; {@link proxyAnchorParameters} gives initial ones.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is below 0 or not finite.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { proxyAnchor } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const proxies = tensor2d([[1, 0], [0, 1]]);
 * proxyAnchor(tensor2d([[3, 4]]), proxies, tensor1d([0], "int32"), { scale: 1, margin: 0 }); // => 1.023038
 * ```
 *
 * @see {@link https://arxiv.org/abs/2003.13911 | Kim et al., Proxy anchor loss for deep metric learning}
 */
export function proxyAnchor(
  embeddings: Tensor2D,
  proxies: Tensor2D,
  labels: Tensor1D,
  options: ProxyAnchorOptions = {},
): Scalar {
  const { margin = 0.1, scale = 32 } = options;
  requirePairs("proxyAnchor", embeddings, labels);
  requireShape("proxyAnchor", "proxies", proxies, [proxies.shape[0], embeddings.shape[1]]);
  requirePositive("proxyAnchor", "scale", scale);
  requireNotNegative("proxyAnchor", "margin", margin);
  return tidy(() => {
    const cosine = cosines(embeddings, proxies);
    const own = ownClass(labels, proxies.shape[0]);
    const other = sub(1, own) as Tensor2D;
    const drawn = maskedLogSumExp(mul(sub(cosine, margin), -scale), own, { axis: 0, addOne: true });
    const pushed = maskedLogSumExp(mul(add(cosine, margin), scale), other, { axis: 0, addOne: true });
    const present = sum(max(own, 0));
    return add(ratio(sum(drawn), present), mul(sum(pushed), 1 / proxies.shape[0])) as Scalar;
  });
}
