import { sizeOf } from "../dtype.ts";
import type { Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { identityOrder, permuted, type Value } from "../value.ts";
import { multiply } from "./element-wise.ts";
import { matrixProduct } from "./matrix-product.ts";
import { sum } from "./reductions.ts";

/** A value whose axes are called by letters. */
interface Lettered {
  readonly value: Value;
  readonly letters: readonly string[];
}

/** The equation's letters, of the operands and of the result. */
export function einsumLetters(equation: string): { operands: string[][]; result: string[] } {
  const [left, right] = equation.replaceAll(/\s/g, "").split("->");
  return { operands: left.split(",").map((term) => [...term]), result: [...right] };
}

/** The axes in the order of `letters`, which are all there. */
function arranged({ value, letters: from }: Lettered, letters: readonly string[]): Value {
  return permuted(
    value,
    letters.map((letter) => from.indexOf(letter)),
  );
}

/** The sum over the axes whose letters are not in `kept`. */
function reducedTo(tracer: Tracer, { value, letters }: Lettered, kept: readonly string[]): Lettered {
  const axes = identityOrder(letters.length).filter((axis) => !kept.includes(letters[axis]));
  const left = letters.filter((letter) => kept.includes(letter));
  return { value: axes.length === 0 ? value : sum(tracer, value, axes, false), letters: left };
}

/** The axes in the order of `letters`, with length 1 for those that are not there. */
function spread(tracer: Tracer, operand: Lettered, letters: readonly string[]): Value {
  const present = letters.filter((letter) => operand.letters.includes(letter));
  const value = arranged(operand, present);
  return tracer.reshape(
    value,
    letters.map((letter) => {
      const axis = present.indexOf(letter);
      return axis === -1 ? 1 : value.shape[axis];
    }),
  );
}

/** Axes of one group made one axis, so that the operand becomes a stack of matrices. */
function matrices(tracer: Tracer, operand: Lettered, batch: readonly string[], groups: readonly string[][]) {
  const value = arranged(operand, [...batch, ...groups.flat()]);
  let at = batch.length;
  const sizes = groups.map((group) => {
    const size = sizeOf(value.shape.slice(at, at + group.length));
    at += group.length;
    return size;
  });
  return tracer.reshape(value, [...value.shape.slice(0, batch.length), ...sizes]);
}

/** Two operands that share summed letters: a matrix product per combination of the batch letters. */
function contracted(tracer: Tracer, a: Lettered, b: Lettered, result: readonly string[]): Value {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = result.filter((letter) => shared.includes(letter));
  const inner = shared.filter((letter) => !result.includes(letter));
  const rows = result.filter((letter) => !b.letters.includes(letter));
  const columns = result.filter((letter) => !a.letters.includes(letter));
  const product = matrixProduct(
    tracer,
    matrices(tracer, a, batch, [rows, inner]),
    matrices(tracer, b, batch, [inner, columns]),
  );
  const letters = [...batch, ...rows, ...columns];
  const lengthOf = (letter: string) => {
    const owner = a.letters.includes(letter) ? a : b;
    return owner.value.shape[owner.letters.indexOf(letter)];
  };
  const value = tracer.reshape(product, letters.map(lengthOf));
  return arranged({ value, letters }, result);
}

/** The einsum of one or two operands; letters of one operand alone are summed first. */
function einsum(tracer: Tracer, values: readonly Value[], equation: string): Value {
  const { operands, result } = einsumLetters(equation);
  const named = values.map((value, i) => ({ value, letters: operands[i] }));
  if (named.length === 1) return arranged(reducedTo(tracer, named[0], result), result);
  const [a, b] = named.map((operand, i) => reducedTo(tracer, operand, [...result, ...operands[1 - i]]));
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const inner = shared.filter((letter) => !result.includes(letter));
  if (inner.length > 0 && a.value.dtype === "float32" && b.value.dtype === "float32") {
    return contracted(tracer, a, b, result);
  }
  const all = [...result, ...inner];
  const value = multiply(tracer, spread(tracer, a, all), spread(tracer, b, all));
  return reducedTo(tracer, { value, letters: all }, result).value;
}

/** Sums of products by equation, as tfjs takes them: one or two operands, no ellipsis, no letter twice. */
export const einsumKernels: Kernels = {
  Einsum: (tracer, inputs, { equation }) => einsum(tracer, Object.values(inputs), equation as string),
};
