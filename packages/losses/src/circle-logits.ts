import {
  add,
  customGrad,
  type GradSaveFunc,
  mul,
  relu,
  sub,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";

/**
 * What the circle loss takes the exponentials of, for similarities of which `positive` (1 or 0) should be large.
 *
 * ```text
 * −γ · [1 + m − s]₊ · (s − (1 − m))   where positive
 * +γ · [s + m]₊ · (s − m)             elsewhere
 * ```
 *
 * The weights `[…]₊` are held constant, so the gradient is the signed weight.
 */
export function circleLogits(
  similarities: Tensor2D,
  positive: Tensor2D,
  { scale, margin }: { readonly scale: number; readonly margin: number },
): Tensor2D {
  // 1 where positive and −1 elsewhere, so that both kinds are one expression.
  const logits = customGrad((given, save) => {
    const s = given as Tensor2D;
    const sign = sub(mul(positive, 2), 1);
    const weight = mul(relu(sub(add(margin, positive), mul(sign, s))), mul(sign, -scale));
    (save as GradSaveFunc)([weight]);
    const limit = add(mul(sign, -margin), positive);
    return {
      value: mul(weight, sub(s, limit)),
      gradFunc: (dy: Tensor, [slope]: Tensor[]) => mul(dy, slope!),
    };
  });
  return logits(similarities) as Tensor2D;
}
