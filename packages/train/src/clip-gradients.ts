import {
  add,
  addN,
  clipByValue,
  div,
  minimum,
  mul,
  type Scalar,
  sqrt,
  square,
  sum,
} from "@tensorflow/tfjs-core";
import type { Gradients } from "./differentiate.ts";

/** Limits each element to ±`limit`. */
export function clipByValues(gradients: Gradients, limit: number): Gradients {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, clipByValue(gradient, -limit, limit)]),
  );
}

/** Scales all gradients by min(1, limit / (‖g‖ + 1e-6)), where ‖g‖ is the norm of them all together. */
export function clipByNorm(gradients: Gradients, limit: number): { gradients: Gradients; norm: Scalar } {
  const norm: Scalar = sqrt(
    addN(Object.values(gradients).map((gradient) => sum(square(gradient)) as Scalar)),
  );
  const factor = minimum(1, div(limit, add(norm, 1e-6)));
  const scaled = Object.entries(gradients).map(([name, gradient]) => [name, mul(gradient, factor)] as const);
  return { gradients: Object.fromEntries(scaled), norm };
}
