import type { Kernel, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { uniformElement, uniformValue, type Value } from "../value.ts";
import { add, clip, divide, leakyRelu, multiply, select, step, subtract } from "./element-wise.ts";

type Formula = (tracer: Tracer, x: Value) => Value;

interface Options {
  /** The value for one element, with which a uniform constant is folded. */
  readonly fold?: (x: number) => number;
  /** Whether int32 gives int32: computed as float32 and truncated towards zero. */
  readonly keepsType?: boolean;
}

/** A kernel that computes in float32. */
const inFloats =
  (formula: Formula, { fold, keepsType = false }: Options = {}): Kernel =>
  (tracer, { x }) => {
    const floats = tracer.cast(x, "float32");
    const known = uniformElement(floats);
    const result =
      known !== undefined && fold !== undefined
        ? uniformValue(fold(known), x.shape, "float32")
        : formula(tracer, floats);
    return keepsType ? tracer.cast(result, x.dtype) : result;
  };

/** A kernel that is one ONNX operator on float32. */
const unary = (
  op: string,
  options: Options = {},
  attributes: Readonly<Record<string, { float: number }>> = {},
): Kernel => inFloats((tracer, x) => tracer.follow(op, x, "float32", attributes), options);

/** A kernel that is one ONNX operator on float32 and int32 alike. */
const sameType =
  (op: string, fold: (x: number) => number): Kernel =>
  (tracer, { x }) => {
    const known = uniformElement(x);
    if (known !== undefined) return uniformValue(fold(known), x.shape, x.dtype);
    return tracer.follow(op, x);
  };

/** A kernel that leaves integers as they are. */
const rounding =
  (op: string): Kernel =>
  (tracer, { x }) =>
    x.dtype === "float32" ? tracer.follow(op, x) : x;

/** A test of float32 elements. */
const test =
  (formula: Formula): Kernel =>
  (tracer, { x }) =>
    formula(tracer, tracer.cast(x, "float32"));

const isNotNumber = (tracer: Tracer, x: Value) => tracer.follow("IsNaN", x, "bool");
const isInfinite = (tracer: Tracer, x: Value) => tracer.follow("IsInf", x, "bool");

/** `tanh(x / 2) · (exp(x) + 1)`, which is `exp(x) - 1` without cancellation. */
function expMinusOne(tracer: Tracer, x: Value): Value {
  const half = tracer.follow("Tanh", multiply(tracer, x, tracer.scalar(0.5)));
  return multiply(tracer, half, add(tracer, tracer.follow("Exp", x), tracer.scalar(1)));
}

/** `log(u) + (x - (u - 1)) / u` with `u = 1 + x`: what rounding took from `u` is put back where that matters. */
function logOfOnePlus(tracer: Tracer, x: Value): Value {
  const one = tracer.scalar(1);
  const shifted = add(tracer, x, one);
  const logarithm = tracer.follow("Log", shifted);
  const lost = subtract(tracer, x, subtract(tracer, shifted, one));
  const corrected = add(tracer, logarithm, divide(tracer, lost, shifted));
  const near = tracer.elementwise("Less", [tracer.follow("Abs", x), tracer.scalar(0.5)], "bool");
  return select(tracer, near, corrected, logarithm);
}

/** Element-wise kernels of one operand. Each keeps the operand's layout. */
export const unaryKernels: Kernels = {
  Square: (tracer, { x }) => multiply(tracer, x, x),
  Abs: sameType("Abs", Math.abs),
  Neg: sameType("Neg", (x) => -x),
  Sign: sameType("Sign", Math.sign),
  Relu: sameType("Relu", (x) => Math.max(x, 0)),
  Relu6: (tracer, { x }) => clip(tracer, x, 0, 6),
  ClipByValue: (tracer, { x }, { clipValueMin, clipValueMax }) =>
    clip(tracer, x, clipValueMin as number, clipValueMax as number),
  Ceil: rounding("Ceil"),
  Floor: rounding("Floor"),
  Round: rounding("Round"),
  Exp: unary("Exp", { fold: Math.exp }),
  Expm1: inFloats(expMinusOne, { fold: Math.expm1, keepsType: true }),
  Log: unary("Log", { fold: Math.log }),
  Log1p: inFloats(logOfOnePlus, { fold: Math.log1p, keepsType: true }),
  Sqrt: unary("Sqrt", { fold: Math.sqrt }),
  Rsqrt: inFloats((tracer, x) => tracer.follow("Reciprocal", tracer.follow("Sqrt", x)), {
    fold: (x) => 1 / Math.sqrt(x),
  }),
  Reciprocal: unary("Reciprocal", { fold: (x) => 1 / x, keepsType: true }),
  Sigmoid: unary("Sigmoid"),
  Tanh: unary("Tanh", { fold: Math.tanh }),
  Erf: unary("Erf"),
  Softplus: unary("Softplus", { keepsType: true }),
  Sin: unary("Sin", { fold: Math.sin }),
  Cos: unary("Cos", { fold: Math.cos }),
  Tan: unary("Tan", { fold: Math.tan }),
  Asin: unary("Asin", { keepsType: true }),
  Acos: unary("Acos", { keepsType: true }),
  Atan: unary("Atan", { keepsType: true }),
  Sinh: unary("Sinh", { keepsType: true }),
  Cosh: unary("Cosh"),
  Asinh: unary("Asinh", { keepsType: true }),
  Acosh: unary("Acosh", { keepsType: true }),
  Atanh: unary("Atanh", { keepsType: true }),
  Elu: unary("Elu"),
  Selu: unary(
    "Selu",
    { keepsType: true },
    {
      alpha: { float: 1.7580993408473768 / 1.0507009873554805 },
      gamma: { float: 1.0507009873554805 },
    },
  ),
  LeakyRelu: (tracer, { x }, { alpha }) => leakyRelu(tracer, x, alpha as number),
  Step: (tracer, { x }, { alpha }) =>
    tracer.cast(step(tracer, x, (alpha as number | undefined) ?? 0), x.dtype),
  IsNan: test(isNotNumber),
  IsInf: test(isInfinite),
  IsFinite: test((tracer, x) =>
    tracer.follow("Not", tracer.elementwise("Or", [isNotNumber(tracer, x), isInfinite(tracer, x)], "bool")),
  ),
};
