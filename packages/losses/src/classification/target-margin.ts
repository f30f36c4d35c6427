import {
  add,
  cos,
  expandDims,
  matMul,
  mul,
  neg,
  reshape,
  sin,
  step,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";
import { requireAngle, requirePerClass } from "../require.ts";
import { widenAngle } from "../widen-angle.ts";
import { classColumn } from "./cross-entropy.ts";

/**
 * What the cosine `c` of an embedding to its own class becomes where the margin `m` would carry its angle past π, that is
 * where `c ≤ cos(π − m)`. Everywhere else it becomes `cos(θ + m)`.
 *
 * - `"linear"`: `c − m · sin(π − m)`, which keeps falling with the angle. The 2019, 2020 and 2021 winners, insightface.
 * - `"easy"`: the easy margin, `c` itself, and this from a right angle on, `c ≤ 0`. The option `easy_margin` of the same
 *   codes, which nobody of them used.
 * - `"hard"`: a hard threshold, −1: the widened angle ends at π, as in AdaFace's code. No gradient comes through the own
 *   class there.
 * - `"none"`: `cos(θ + m)` there too, which rises again: the formula of the paper, AdaCos of the 2019 winners.
 */
export type BeyondMargin = "linear" | "easy" | "hard" | "none";

/** A margin for all classes, or one per class; as a tensor `[C]` where they change from step to step. */
export type Margin = number | Float32Array | Tensor1D;

/** Refuses margins that are not one number, or one for each class, in `[0, π]`. */
export function requireMargin(caller: string, margin: Margin, classes: number): void {
  if (typeof margin === "number") {
    requireAngle(caller, "margin", margin);
    return;
  }
  requirePerClass(caller, "margin", margin, classes);
  if (!(margin instanceof Float32Array)) return;
  const wrong = margin.findIndex((value) => value > Math.PI);
  if (wrong >= 0) requireAngle(caller, `margin[${wrong}]`, margin[wrong]!);
}

/** Each row's number of its own class, `[N]`; the number itself if there is only one. */
export function ofOwnClass(own: Tensor2D, values: Margin): number | Tensor1D {
  return typeof values === "number" ? values : reshape(matMul(own, classColumn(values)), [-1]);
}

/** Cosine and sine of each row's margin, and margin times sine: numbers or `[N]`. */
function trigonometry(
  own: Tensor2D,
  margin: Margin,
): Record<"cos" | "sin" | "shift", number> | Record<"cos" | "sin" | "shift", Tensor1D> {
  if (typeof margin === "number") {
    return { cos: Math.cos(margin), sin: Math.sin(margin), shift: margin * Math.sin(margin) };
  }
  // A GPU may give cosines that are wrong in the fourth digit, which the scale multiplies: only tensors are left to it.
  const table = margin instanceof Float32Array ? margin : undefined;
  const ofRows = ofOwnClass(own, margin) as Tensor1D;
  const cosine = table === undefined ? cos(ofRows) : ofOwnClass(own, table.map(Math.cos));
  const sine = table === undefined ? sin(ofRows) : ofOwnClass(own, table.map(Math.sin));
  return { cos: cosine as Tensor1D, sin: sine as Tensor1D, shift: mul(ofRows, sine) as Tensor1D };
}

/** Cosines to all classes, with the angle to each row's own class widened by its margin. */
export function widenTarget(
  cosine: Tensor2D,
  labels: Tensor1D,
  margin: Margin,
  beyond: BeyondMargin,
): Tensor2D {
  const own = ownClass(labels, cosine.shape[1]);
  const target = sum(mul(cosine, own), 1) as Tensor1D;
  const { shift, ...angle } = trigonometry(own, margin);
  const widened = widenAngle(target, angle);
  if (beyond === "none") return replaceTarget(cosine, own, target, widened);
  const fallback = beyond === "linear" ? sub(target, shift) : beyond === "easy" ? target : -1;
  const limit = beyond === "easy" ? 0 : typeof angle.cos === "number" ? -angle.cos : neg(angle.cos);
  // A step instead of a comparison: TensorFlow.js has a gradient for it, and it is zero.
  const inside = step(sub(target, limit));
  return replaceTarget(cosine, own, target, add(fallback, mul(inside, sub(widened, fallback))) as Tensor1D);
}

/** Cosines with each row's own one replaced. */
function replaceTarget(cosine: Tensor2D, own: Tensor2D, target: Tensor1D, moved: Tensor1D): Tensor2D {
  return add(cosine, mul(own, expandDims(sub(moved, target), 1)));
}
