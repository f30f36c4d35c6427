import { CompileError } from "../compile-error.ts";
import type { Attributes, Kernels } from "../kernel.ts";
import { broadcastShape, type Tracer } from "../tracer.ts";
import { identityOrder, permuted, type Value } from "../value.ts";
import { activate, add } from "./element-wise.ts";

/** The value with its last two axes exchanged. */
function swapped(value: Value): Value {
  const rank = value.shape.length;
  return permuted(value, [...identityOrder(rank - 2), rank - 1, rank - 2]);
}

/**
 * `a · b` over the last two axes, of float32 or int32. Matrices are read as they are stored: `Gemm` transposes
 * on the fly, and onnxruntime merges a transposition of the last two axes into a batched `MatMul`.
 */
export function matrixProduct(tracer: Tracer, a: Value, b: Value): Value {
  const { dtype } = a;
  if (a.shape.length === 2 && b.shape.length === 2 && dtype === "float32") {
    const stored = (value: Value) => {
      const full = tracer.dense(value, value.order);
      return { name: tracer.name(full), transposed: value.order[0] === 0 ? 0 : 1 };
    };
    const left = stored(a);
    const right = stored(b);
    const name = tracer.graph.node("Gemm", [left.name, right.name], {
      transA: left.transposed,
      transB: right.transposed,
    });
    return tracer.value(name, [a.shape[0], b.shape[1]], "float32");
  }
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const names = [a, b].map((value) => tracer.name(tracer.dense(value)));
  return tracer.value(
    tracer.graph.node("MatMul", names),
    [...batch, a.shape[a.shape.length - 2], b.shape[b.shape.length - 1]],
    dtype,
  );
}

function product(tracer: Tracer, a: Value, b: Value, { transposeA, transposeB }: Attributes): Value {
  // tfjs's own result is a count that it calls a bool.
  if (a.dtype === "bool")
    tracer.unsupported("BatchMatMul", "of two bool tensors; cast one to int32 or float32");
  const left = transposeA === true ? swapped(a) : a;
  const right = transposeB === true ? swapped(b) : b;
  if (left.shape.at(-1) !== right.shape.at(-2)) {
    throw new CompileError(
      "invalid-arguments",
      `compile: expected matrices whose inner dimensions are equal, got [${left.shape.join(", ")}] and [${right.shape.join(", ")}]`,
    );
  }
  return matrixProduct(tracer, left, right);
}

/** Matrix products. */
export const matrixProductKernels: Kernels = {
  BatchMatMul: (tracer, { a, b }, attributes) => product(tracer, a, b, attributes),
  _FusedMatMul: (tracer, { a, b, bias, preluActivationWeights }, attributes) => {
    const result = product(tracer, a, b, attributes);
    return activate(
      tracer,
      bias === undefined ? result : add(tracer, result, bias),
      attributes,
      preluActivationWeights,
    );
  },
};
