import {
  add,
  customGrad,
  div,
  erf,
  type GradSaveFunc,
  sigmoid as logistic,
  mul,
  relu as rectify,
  relu6 as rectify6,
  sub,
  type Tensor,
} from "@tensorflow/tfjs-core";

/** A function of each value by itself. */
export type Activation = <T extends Tensor>(x: T) => T;

export const relu: Activation = (x) => rectify(x);

/** `min(max(x, 0), 6)` */
export const relu6: Activation = (x) => rectify6(x);

export const sigmoid: Activation = (x) => logistic(x);

/** `x · s` with `s = sigmoid(x)`; its gradient `s + y (1 − s)` in four ops, where the tape would take six. */
export const silu: Activation = (x) => siluWithGradient(x) as typeof x;

const siluWithGradient: (x: Tensor) => Tensor = customGrad((x, save) => {
  const gate = logistic(x as Tensor);
  const value = mul(x as Tensor, gate);
  (save as GradSaveFunc)([value, gate]);
  return {
    value,
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [y, s] = saved as [Tensor, Tensor];
      return mul(dy, add(s, mul(y, sub(1, s))));
    },
  };
});

/** `min(max(x + 3, 0), 6) / 6` */
export const hardSigmoid: Activation = (x) => div(rectify6(add(x, 3)), 6) as typeof x;

/** `x · min(max(x + 3, 0), 6) / 6` */
export const hardSwish: Activation = (x) => mul(x, hardSigmoid(x)) as typeof x;

/** `x · Φ(x)` with the normal distribution's Φ, by the error function. */
export const gelu: Activation = (x) => mul(mul(x, add(erf(div(x, Math.SQRT2)), 1)), 0.5) as typeof x;
