import type { Attributes, Inputs, Kernel, Kernels } from "../kernel.ts";
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

/** Multiplies; by one costs nothing, and by a step (a 0/1 mask) selects. */
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

/** A unary kernel that computes in float32, folded where the operand is one repeated element. */
const unary =
  (op: string, fold?: (x: number) => number, attributes: Record<string, { float: number }> = {}): Kernel =>
  (tracer, { x }) => {
    const floats = tracer.cast(x, "float32");
    const known = uniformElement(floats);
    if (known !== undefined && fold !== undefined) return uniformValue(fold(known), x.shape, "float32");
    return tracer.follow(op, floats, "float32", attributes);
  };

/** A unary kernel that keeps int32. */
const sameType =
  (op: string, fold?: (x: number) => number): Kernel =>
  (tracer, { x }) => {
    const known = uniformElement(x);
    if (known !== undefined && fold !== undefined) return uniformValue(fold(known), x.shape, x.dtype);
    return tracer.follow(op, x);
  };

function clip(tracer: Tracer, x: Value, minimum: number, maximum: number): Value {
  const bounds = [minimum, maximum].map((bound) => tracer.name(tracer.scalar(bound, x.dtype)));
  return tracer.follow("Clip", x, x.dtype, {}, bounds);
}

function floorDivide(tracer: Tracer, { a, b }: Inputs): Value {
  const quotient = divide(tracer, tracer.cast(a, "float32"), tracer.cast(b, "float32"));
  return tracer.cast(tracer.follow("Floor", quotient), "int32");
}

function floorModulo(tracer: Tracer, { a, b }: Inputs): Value {
  if (a.dtype === "int32") return tracer.elementwise("Mod", [a, b], "int32");
  const remainder = tracer.elementwise("Mod", [a, b], "float32", { fmod: 1 });
  const negative = (x: Value) => tracer.elementwise("Less", [x, tracer.scalar(0)], "bool");
  const differ = tracer.elementwise("Xor", [negative(a), negative(b)], "bool");
  const exact = tracer.elementwise("Equal", [remainder, tracer.scalar(0)], "bool");
  const shifted = select(tracer, exact, remainder, add(tracer, remainder, b));
  return select(tracer, differ, shifted, remainder);
}

function leakyRelu(tracer: Tracer, x: Value, alpha: number): Value {
  return tracer.follow("LeakyRelu", x, "float32", { alpha: { float: alpha } });
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

/** Element-wise kernels. Each follows the layout of its largest operand. */
export const elementWiseKernels: Kernels = {
  Add: (tracer, { a, b }) => add(tracer, a, b),
  AddN: (tracer, inputs) => Object.values(inputs).reduce((sum, value) => add(tracer, sum, value)),
  Sub: (tracer, { a, b }) => subtract(tracer, a, b),
  Multiply: (tracer, { a, b }) => multiply(tracer, a, b),
  RealDiv: (tracer, { a, b }) => divide(tracer, tracer.cast(a, "float32"), tracer.cast(b, "float32")),
  FloorDiv: floorDivide,
  Mod: floorModulo,
  Maximum: (tracer, { a, b }) => binary(tracer, "Max", a, b),
  Minimum: (tracer, { a, b }) => binary(tracer, "Min", a, b),
  Pow: (tracer, { a, b }) => power(tracer, a, b),
  SquaredDifference: (tracer, { a, b }) => {
    const difference = subtract(tracer, a, b);
    return multiply(tracer, difference, difference);
  },
  Square: (tracer, { x }) => multiply(tracer, x, x),
  Abs: sameType("Abs", Math.abs),
  Neg: sameType("Neg", (x) => -x),
  Sign: sameType("Sign", Math.sign),
  Relu: sameType("Relu", (x) => Math.max(x, 0)),
  Relu6: (tracer, { x }) => clip(tracer, x, 0, 6),
  Ceil: sameType("Ceil"),
  Floor: sameType("Floor"),
  Round: sameType("Round"),
  Exp: unary("Exp", Math.exp),
  Expm1: (tracer, { x }) => subtract(tracer, tracer.follow("Exp", x), tracer.scalar(1)),
  Log: unary("Log", Math.log),
  Log1p: (tracer, { x }) => tracer.follow("Log", add(tracer, x, tracer.scalar(1))),
  Sqrt: unary("Sqrt", Math.sqrt),
  Rsqrt: (tracer, { x }) => {
    const known = uniformElement(x);
    if (known !== undefined) return uniformValue(1 / Math.sqrt(known), x.shape, "float32");
    return tracer.follow("Reciprocal", tracer.follow("Sqrt", x));
  },
  Reciprocal: unary("Reciprocal", (x) => 1 / x),
  Sigmoid: unary("Sigmoid"),
  Tanh: unary("Tanh"),
  Erf: unary("Erf"),
  Softplus: unary("Softplus"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Tan: unary("Tan"),
  Asin: unary("Asin"),
  Acos: unary("Acos"),
  Atan: unary("Atan"),
  Sinh: unary("Sinh"),
  Cosh: unary("Cosh"),
  Asinh: unary("Asinh"),
  Acosh: unary("Acosh"),
  Atanh: unary("Atanh"),
  Elu: unary("Elu"),
  EluGrad: (tracer, { dy, y }) => {
    const positive = tracer.elementwise("Greater", [y, tracer.scalar(0)], "bool");
    return select(tracer, positive, dy, multiply(tracer, dy, add(tracer, y, tracer.scalar(1))));
  },
  Selu: unary("Selu", undefined, {
    alpha: { float: 1.7580993408473768 / 1.0507009873554805 },
    gamma: { float: 1.0507009873554805 },
  }),
  LeakyRelu: (tracer, { x }, { alpha }) => leakyRelu(tracer, x, alpha as number),
  Prelu: (tracer, { x, alpha }) => prelu(tracer, x, alpha),
  Step: (tracer, { x }, { alpha }) => step(tracer, x, (alpha as number | undefined) ?? 0),
  ClipByValue: (tracer, { x }, { clipValueMin, clipValueMax }) =>
    clip(tracer, x, clipValueMin as number, clipValueMax as number),
  Equal: comparison("Equal"),
  NotEqual: comparison("Equal", true),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  LogicalAnd: logical("And"),
  LogicalOr: logical("Or"),
  LogicalXor: logical("Xor"),
  LogicalNot: (tracer, { x }) => tracer.follow("Not", x),
  IsNan: (tracer, { x }) => tracer.follow("IsNaN", x, "bool"),
  IsInf: (tracer, { x }) => tracer.follow("IsInf", x, "bool"),
  IsFinite: (tracer, { x }) => {
    const either = tracer.elementwise(
      "Or",
      [tracer.follow("IsNaN", x, "bool"), tracer.follow("IsInf", x, "bool")],
      "bool",
    );
    return tracer.follow("Not", either);
  },
  Select: (tracer, { condition, t, e }) => {
    const rank = t.shape.length;
    const lined =
      condition.shape.length === rank
        ? condition
        : tracer.reshape(condition, [
            ...condition.shape,
            ...Array<number>(rank - condition.shape.length).fill(1),
          ]);
    return select(tracer, lined, t, e);
  },
  Cast: (tracer, { x }, { dtype }) => tracer.cast(x, dtype as Value["dtype"]),
};
