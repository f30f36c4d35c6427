import { clipByValue, cos, mul, sin, sqrt, square, sub, type Tensor1D } from "@tensorflow/tfjs-core";

/** The smallest squared sine whose root still has a finite slope in float32. */
const smallestSquaredSine = 1e-12;

/** Cosine and sine of a margin, and margin times sine: one for all rows, or `[N]`. */
export type MarginAngle =
  | Readonly<Record<"cos" | "sin" | "shift", number>>
  | Readonly<Record<"cos" | "sin" | "shift", Tensor1D>>;

/** The {@link MarginAngle} of margins in radians. */
export function angleOf(margin: number | Tensor1D): MarginAngle {
  if (typeof margin === "number") {
    return { cos: Math.cos(margin), sin: Math.sin(margin), shift: margin * Math.sin(margin) };
  }
  const sine = sin(margin);
  return { cos: cos(margin), sin: sine, shift: mul(margin, sine) as Tensor1D };
}

/** `cos(θ + m)` of `cos θ`, `[N]`, by the addition theorem, finite in its slope at ±1 too. */
export function widenAngle(cosine: Tensor1D, margin: MarginAngle): Tensor1D {
  const sine = sqrt(clipByValue(sub(1, square(cosine)), smallestSquaredSine, 1));
  return sub(mul(cosine, margin.cos), mul(sine, margin.sin));
}
