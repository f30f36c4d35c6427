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
 * `a · b` over the last two axes. Matrices are read as they are stored: `Gemm` transposes on the fly, and
 * onnxruntime merges a transposition of the last two axes into a batched `MatMul`.
 */
export function matrixProduct(tracer: Tracer, a: Value, b: Value): Value {
  if (a.shape.length === 2 && b.shape.length === 2) {
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
    "float32",
  );
}

function product(tracer: Tracer, a: Value, b: Value, { transposeA, transposeB }: Attributes): Value {
  return matrixProduct(tracer, transposeA === true ? swapped(a) : a, transposeB === true ? swapped(b) : b);
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
