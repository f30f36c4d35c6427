import type { Inputs, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { uniformElement, type Value } from "../value.ts";
import { add, divide, multiply, select, subtract } from "./element-wise.ts";

const compare = (tracer: Tracer, op: string, a: Value, b: Value) => tracer.elementwise(op, [a, b], "bool");

/** Whether an integer divisor is -1, 0 or 1: processors trap division by 0, and of the least integer by -1. */
function delicate(tracer: Tracer, divisor: Value): Value | undefined {
  const known = uniformElement(divisor);
  if (known !== undefined && Math.abs(known) > 1) return undefined;
  const limit = (bound: number) => tracer.scalar(bound, "int32");
  return tracer.elementwise(
    "And",
    [compare(tracer, "Greater", divisor, limit(-2)), compare(tracer, "Less", divisor, limit(2))],
    "bool",
  );
}

/** Integer remainders with the divisor's sign; 0 where the divisor is 0. */
function integerModulo(tracer: Tracer, a: Value, b: Value): Value {
  const unsafe = delicate(tracer, b);
  const divisor = unsafe === undefined ? b : select(tracer, unsafe, tracer.scalar(1, "int32"), b);
  return tracer.elementwise("Mod", [a, divisor], "int32");
}

/** Exact integer quotients rounded down; 0 where the divisor is 0. */
function integerQuotient(tracer: Tracer, a: Value, b: Value): Value {
  const unsafe = delicate(tracer, b);
  const zero = tracer.scalar(0, "int32");
  const divisor = unsafe === undefined ? b : select(tracer, unsafe, tracer.scalar(1, "int32"), b);
  const quotient = tracer.elementwise("Div", [a, divisor], "int32");
  const rest = subtract(tracer, a, multiply(tracer, quotient, divisor));
  const opposed = tracer.elementwise(
    "And",
    [
      tracer.follow("Not", compare(tracer, "Equal", rest, zero)),
      tracer.elementwise(
        "Xor",
        [compare(tracer, "Less", rest, zero), compare(tracer, "Less", divisor, zero)],
        "bool",
      ),
    ],
    "bool",
  );
  const floored = subtract(tracer, quotient, tracer.cast(opposed, "int32"));
  return unsafe === undefined ? floored : select(tracer, unsafe, multiply(tracer, a, b), floored);
}

function floorDivide(tracer: Tracer, { a, b }: Inputs): Value {
  if (a.dtype !== "float32" && b.dtype !== "float32") {
    return integerQuotient(tracer, tracer.cast(a, "int32"), tracer.cast(b, "int32"));
  }
  const quotient = divide(tracer, tracer.cast(a, "float32"), tracer.cast(b, "float32"));
  return tracer.cast(tracer.follow("Floor", quotient), "int32");
}

function floorModulo(tracer: Tracer, { a, b }: Inputs): Value {
  if (a.dtype !== "float32" && b.dtype !== "float32") {
    return integerModulo(tracer, tracer.cast(a, "int32"), tracer.cast(b, "int32"));
  }
  const [dividend, divisor] = [tracer.cast(a, "float32"), tracer.cast(b, "float32")];
  const remainder = tracer.elementwise("Mod", [dividend, divisor], "float32", { fmod: 1 });
  const negative = (x: Value) => compare(tracer, "Less", x, tracer.scalar(0));
  const differ = tracer.elementwise("Xor", [negative(dividend), negative(divisor)], "bool");
  const exact = compare(tracer, "Equal", remainder, tracer.scalar(0));
  const shifted = select(tracer, exact, remainder, add(tracer, remainder, divisor));
  return select(tracer, differ, shifted, remainder);
}

/** The angle of the point (b, a): `atan(a / |b|)`, mirrored for negative b; 0 at the origin. */
function angle(tracer: Tracer, { a, b }: Inputs): Value {
  const [y, x] = [tracer.cast(a, "float32"), tracer.cast(b, "float32")];
  const zero = tracer.scalar(0);
  const width = select(tracer, compare(tracer, "Equal", y, zero), tracer.scalar(1), tracer.follow("Abs", x));
  const right = tracer.follow("Atan", divide(tracer, y, width));
  const below = compare(tracer, "Less", y, zero);
  const turn = select(tracer, below, tracer.scalar(-Math.PI), tracer.scalar(Math.PI));
  const left = subtract(tracer, turn, right);
  return tracer.cast(select(tracer, compare(tracer, "Less", x, zero), left, right), a.dtype);
}

/** Kernels that divide and round, and the angle of a quotient. */
export const quotientKernels: Kernels = {
  FloorDiv: floorDivide,
  Mod: floorModulo,
  Atan2: angle,
};
