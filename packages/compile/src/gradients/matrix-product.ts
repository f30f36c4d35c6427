import { type GradConfig, matMul, reshape, sum, type Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../dtype.ts";

/** Sums over the batch axes along which `product` is longer than `shape`, so that it has that shape. */
function withoutRepetition(product: Tensor, shape: readonly number[]): Tensor {
  const added = product.rank - shape.length;
  const axes = product.shape.map((_, axis) => axis);
  const repeated = axes.filter(
    (axis) => axis < added || (shape[axis - added] === 1 && product.shape[axis] !== 1),
  );
  return reshape(repeated.length === 0 ? product : sum(product, repeated), [...shape]);
}

/** Rows of all matrices below one another. */
function stacked(matrices: Tensor): Tensor {
  return reshape(matrices, [-1, matrices.shape[matrices.rank - 1]]);
}

function batchSize(matrices: Tensor): number {
  return sizeOf(matrices.shape.slice(0, -2));
}

/**
 * The gradients of matrix products. tfjs's own leave out the sum over a batch along which one operand is
 * repeated. One matrix for a whole batch, as in a dense layer, gets its gradient by one product.
 */
export const matrixProductGradients: Readonly<Record<string, Omit<GradConfig, "kernelName">>> = {
  BatchMatMul: {
    inputsToSave: ["a", "b"],
    gradFunc: (change, [a, b], attributes) => {
      const dy = change as Tensor;
      const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
      const fullA = batchSize(a) === batchSize(dy);
      return {
        a: () =>
          withoutRepetition(
            transposeA ? matMul(b, dy, transposeB, true) : matMul(dy, b, false, !transposeB),
            a.shape,
          ),
        b: () => {
          if (batchSize(b) === 1 && fullA && !transposeA) {
            const [rows, changes] = [stacked(a), stacked(dy)];
            const product = transposeB ? matMul(changes, rows, true) : matMul(rows, changes, true);
            return reshape(product, b.shape);
          }
          return withoutRepetition(
            transposeB ? matMul(dy, a, true, transposeA) : matMul(a, dy, !transposeA, false),
            b.shape,
          );
        },
      };
    },
  },
};
