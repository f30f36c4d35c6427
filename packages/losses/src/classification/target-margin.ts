import {
  add,
  matMul,
  mul,
  neg,
  reshape,
  step,
  sub,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";
import { requireAngle, requireOneOf, requirePerClass } from "../require.ts";
import { classColumn } from "./cross-entropy.ts";
import { moveOwnCosines, ownCosines } from "./own-cosines.ts";
import { angleOf, type MarginAngle, widenAngle } from "./widen-angle.ts";

/**
 * What the cosine `c` of an embedding to its own class becomes where the margin `m` would carry its angle past π, that is
 * where `c ≤ cos(π − m)`. Everywhere else it becomes `cos(θ + m)`.
 *
 * - `"linear"`: `c − m · sin(π − m)`, which keeps falling with the angle. The 2019, 2020 and 2021 winners, insightface.
 * - `"easy"`: the easy margin, `c` itself, and this from a right angle on, `c ≤ 0`. The option `easy_margin` of the same
 *   codes, which nobody of them used; MagFace's code does.
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

/** Refuses anything but a {@link BeyondMargin}. */
export function requireBeyond(caller: string, beyond: BeyondMargin): void {
  requireOneOf(caller, "beyond", beyond, ["linear", "easy", "hard", "none"]);
}

/** Each row's number of its own class, `[N]`; the number itself if there is only one. */
export function ofOwnClass(own: Tensor2D, values: Margin): number | Tensor1D {
  return typeof values === "number" ? values : reshape(matMul(own, classColumn(values)), [-1]);
}

/** The angle of each row's margin. */
function angleOfOwnClass(own: Tensor2D, margin: Margin): MarginAngle {
  const ofRows = ofOwnClass(own, margin);
  if (typeof ofRows === "number" || !(margin instanceof Float32Array)) return angleOf(ofRows);
  // A GPU may give cosines that are wrong in the fourth digit, which the scale multiplies: only tensors are left to it.
  const cosine = ofOwnClass(own, margin.map(Math.cos)) as Tensor1D;
  const sine = ofOwnClass(own, margin.map(Math.sin)) as Tensor1D;
  return { cos: cosine, sin: sine, shift: mul(ofRows, sine) as Tensor1D };
}

/** Cosines of widened angles, `[N]`, and what `beyond` says where the margin would carry an angle past π. */
export function widenUpTo(target: Tensor1D, angle: MarginAngle, beyond: BeyondMargin): Tensor1D {
  const widened = widenAngle(target, angle);
  if (beyond === "none") return widened;
  const fallback = beyond === "linear" ? sub(target, angle.shift) : beyond === "easy" ? target : -1;
  const limit = beyond === "easy" ? 0 : typeof angle.cos === "number" ? -angle.cos : neg(angle.cos);
  // A step instead of a comparison: TensorFlow.js has a gradient for it, and it is zero.
  const inside = step(sub(target, limit));
  return add(fallback, mul(inside, sub(widened, fallback)));
}

/** Cosines to all classes, with the angle to each row's own class widened by its margin. */
export function widenTarget(
  cosine: Tensor2D,
  labels: Tensor1D,
  margin: Margin,
  beyond: BeyondMargin,
): Tensor2D {
  const own = ownClass(labels, cosine.shape[1]);
  const target = ownCosines(cosine, own);
  return moveOwnCosines(cosine, own, target, widenUpTo(target, angleOfOwnClass(own, margin), beyond));
}
