import { upcastType } from "@tensorflow/tfjs-core";
import { requireDtype } from "../dtype.ts";
import type { Attributes, Kernel, Kernels } from "../kernel.ts";
import { broadcastShape, type Tracer } from "../tracer.ts";
import { uniformElement, uniformValue, type Value } from "../value.ts";

/** The largest float32: HardSigmoid with this slope is 1 for every positive normal number, and 0 below. */
const steepest = 3.4028234663852886e38;

/** Adds, leaving out a constant zero. */
export function add(tracer: Tracer, a: Value, b: Value): Value {
  return binary(tracer, "Add", a, b);
}

export function subtract(tracer: Tracer, a: Value, b: Value): Value {
  return binary(tracer, "Sub", a, b);
}

/**
 * Multiplies. By one costs nothing. By the 0/1 number of a bool it selects: where the bool is false the result
 * is 0 whatever the other operand is, also where that is NaN or infinite, whose product with 0 would be NaN.
 */
export function multiply(tracer: Tracer, a: Value, b: Value): Value {
  return binary(tracer, "Mul", a, b);
}

export function divide(tracer: Tracer, a: Value, b: Value): Value {
  return binary(tracer, "Div", a, b);
}

/** `where(condition, a, b)` over values that broadcast. */
export function select(tracer: Tracer, condition: Value, a: Value, b: Value): Value {
  const known = uniformElement(condition);
  const shape = broadcastShape([condition.shape, a.shape, b.shape]);
  if (known !== undefined) return tracer.broadcast(known === 0 ? b : a, shape);
  if (a.dtype !== "bool") return tracer.elementwise("Where", [condition, a, b], a.dtype);
  const either = (x: Value, y: Value, op: string) => tracer.elementwise(op, [x, y], "bool");
  const not = tracer.follow("Not", condition);
  return either(either(condition, a, "And"), either(not, b, "And"), "Or");
}

/** 1 where `x > 0`, `alpha` elsewhere. */
export function step(tracer: Tracer, x: Value, alpha: number): Value {
  const floats = tracer.cast(x, "float32");
  if (alpha === 0) {
    return tracer.follow("HardSigmoid", floats, "float32", {
      alpha: { float: steepest },
      beta: { float: 0 },
    });
  }
  const positive = tracer.elementwise("Greater", [floats, tracer.scalar(0)], "bool");
  return select(tracer, positive, tracer.scalar(1), tracer.scalar(alpha));
}

interface BinaryOp {
  readonly op: string;
  readonly fold: (a: number, b: number) => number;
  /** Operands that leave the other one as it is. */
  readonly leftNeutral?: number;
  readonly rightNeutral?: number;
}

const arithmetic: Readonly<Record<string, BinaryOp>> = {
  Add: { op: "Add", fold: (a, b) => a + b, leftNeutral: 0, rightNeutral: 0 },
  Sub: { op: "Sub", fold: (a, b) => a - b, rightNeutral: 0 },
  Mul: { op: "Mul", fold: (a, b) => a * b, leftNeutral: 1, rightNeutral: 1 },
  Div: { op: "Div", fold: (a, b) => a / b, rightNeutral: 1 },
  Max: { op: "Max", fold: Math.max },
  Min: { op: "Min", fold: Math.min },
};

function binary(tracer: Tracer, name: string, a: Value, b: Value): Value {
  const { op, fold, leftNeutral, rightNeutral } = arithmetic[name];
  const dtype = a.dtype === "float32" || b.dtype === "float32" ? "float32" : "int32";
  const left = uniformElement(a);
  const right = uniformElement(b);
  const shape = broadcastShape([a.shape, b.shape]);
  if (left !== undefined && right !== undefined) {
    const result = fold(left, right);
    return uniformValue(dtype === "int32" ? Math.trunc(result) : result, shape, dtype);
  }
  if (left !== undefined && left === leftNeutral) return tracer.broadcast(tracer.cast(b, dtype), shape);
  if (right !== undefined && right === rightNeutral) return tracer.broadcast(tracer.cast(a, dtype), shape);
  if (name === "Mul" && dtype === "float32") {
    const zero = tracer.scalar(0);
    if (b.mask !== undefined) return tracer.elementwise("Where", [b.mask, a, zero], dtype);
    if (a.mask !== undefined) return tracer.elementwise("Where", [a.mask, b, zero], dtype);
  }
  if (
    name === "Div" &&
    right !== undefined &&
    dtype === "float32" &&
    Number.isInteger(Math.log2(Math.abs(right)))
  ) {
    return tracer.elementwise("Mul", [a, tracer.scalar(1 / right)], dtype);
  }
  return tracer.elementwise(op, [tracer.cast(a, dtype), tracer.cast(b, dtype)], dtype);
}

function power(tracer: Tracer, base: Value, exponent: Value): Value {
  const known = uniformElement(exponent);
  const shape = broadcastShape([base.shape, exponent.shape]);
  const square = () => multiply(tracer, base, base);
  if (known !== undefined && base.dtype === "float32") {
    if (known === 0) return uniformValue(1, shape, "float32");
    if (known === 1) return tracer.broadcast(base, shape);
    if (known === 2) return tracer.broadcast(square(), shape);
    if (known === 3) return tracer.broadcast(multiply(tracer, square(), base), shape);
    if (known === 0.5) return tracer.broadcast(tracer.follow("Sqrt", base), shape);
  }
  return tracer.elementwise("Pow", [base, exponent], base.dtype);
}

const comparison =
  (op: string, negated = false): Kernel =>
  (tracer, { a, b }) => {
    const dtype = a.dtype === "bool" ? "int32" : a.dtype;
    const result = tracer.elementwise(op, [tracer.cast(a, dtype), tracer.cast(b, dtype)], "bool");
    return negated ? tracer.follow("Not", result) : result;
  };

const logical =
  (op: string): Kernel =>
  (tracer, { a, b }) =>
    tracer.elementwise(op, [tracer.cast(a, "bool"), tracer.cast(b, "bool")], "bool");

/** `min(max(x, minimum), maximum)`; NaN stays NaN. */
export function clip(tracer: Tracer, x: Value, minimum: number, maximum: number): Value {
  const bounds = [minimum, maximum].map((bound) => tracer.name(tracer.scalar(bound, x.dtype)));
  return tracer.follow("Clip", x, x.dtype, {}, bounds);
}

/** `x` where it is not negative, `alpha · x` where it is; always float32. */
export function leakyRelu(tracer: Tracer, x: Value, alpha: number): Value {
  return tracer.follow("LeakyRelu", tracer.cast(x, "float32"), "float32", { alpha: { float: alpha } });
}

function prelu(tracer: Tracer, x: Value, alpha: Value): Value {
  const positive = tracer.elementwise("Greater", [x, tracer.scalar(0)], "bool");
  return select(tracer, positive, x, multiply(tracer, alpha, x));
}

/** tfjs's fused activations, applied to what a fused kernel computed. */
export function activate(
  tracer: Tracer,
  x: Value,
  attributes: Attributes,
  weights: Value | undefined,
): Value {
  const { activation, leakyreluAlpha } = attributes as { activation?: string; leakyreluAlpha?: number };
  switch (activation ?? "linear") {
    case "linear":
      return x;
    case "relu":
      return tracer.follow("Relu", x);
    case "relu6":
      return clip(tracer, x, 0, 6);
    case "elu":
      return tracer.follow("Elu", x);
    case "sigmoid":
      return tracer.follow("Sigmoid", x);
    case "leakyrelu":
      return leakyRelu(tracer, x, leakyreluAlpha ?? 0.2);
    case "prelu":
      if (weights !== undefined) return prelu(tracer, x, weights);
  }
  return tracer.unsupported("a fused kernel", `with the activation ${activation}`);
}

/** Element-wise kernels of two operands, and those that choose or convert. Each follows its largest operand. */
export const elementWiseKernels: Kernels = {
  Add: (tracer, { a, b }) => add(tracer, a, b),
  AddN: (tracer, inputs) => Object.values(inputs).reduce((sum, value) => add(tracer, sum, value)),
  Sub: (tracer, { a, b }) => subtract(tracer, a, b),
  Multiply: (tracer, { a, b }) => multiply(tracer, a, b),
  RealDiv: (tracer, { a, b }) => divide(tracer, tracer.cast(a, "float32"), tracer.cast(b, "float32")),
  Maximum: (tracer, { a, b }) => binary(tracer, "Max", a, b),
  Minimum: (tracer, { a, b }) => binary(tracer, "Min", a, b),
  Pow: (tracer, { a, b }) => power(tracer, a, b),
  SquaredDifference: (tracer, { a, b }) => {
    const difference = subtract(tracer, a, b);
    return multiply(tracer, difference, difference);
  },
  BitwiseAnd: (tracer, { a, b }) => tracer.elementwise("BitwiseAnd", [a, b], "int32"),
  EluGrad: (tracer, { dy, y }) => {
    const positive = tracer.elementwise("Greater", [y, tracer.scalar(0)], "bool");
    return select(tracer, positive, dy, multiply(tracer, dy, add(tracer, y, tracer.scalar(1))));
  },
  Prelu: (tracer, { x, alpha }) => prelu(tracer, tracer.cast(x, "float32"), tracer.cast(alpha, "float32")),
  Equal: comparison("Equal"),
  NotEqual: comparison("Equal", true),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  LogicalAnd: logical("And"),
  LogicalOr: logical("Or"),
  LogicalNot: (tracer, { x }) => tracer.follow("Not", tracer.cast(x, "bool")),
  Select: (tracer, { condition, t, e }) => {
    const missing = t.shape.length - condition.shape.length;
    const lined = tracer.reshape(condition, [...condition.shape, ...Array<number>(missing).fill(1)]);
    const type = requireDtype(upcastType(t.dtype, e.dtype));
    return select(tracer, tracer.cast(lined, "bool"), tracer.cast(t, type), tracer.cast(e, type));
  },
  Cast: (tracer, { x }, { dtype }) => tracer.cast(x, requireDtype(dtype)),
};
