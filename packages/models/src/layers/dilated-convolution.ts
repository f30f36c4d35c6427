import {
  concat,
  conv2d,
  customGrad,
  type GradSaveFunc,
  matMul,
  pad,
  reshape,
  reverse,
  slice,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  transpose,
} from "@tensorflow/tfjs-core";

/**
 * A dense convolution of stride 1 whose filter's values lie `dilation` apart, with its gradients written out: tfjs has
 * none for dilations above 1.
 *
 * The map's is a convolution with the filter turned around; the filter's is one product of matrices, of the pixels that
 * each value of the filter sees and the gradient.
 */
export function dilatedConvolution(
  x: Tensor4D,
  filter: Tensor4D,
  padding: number,
  dilation: number,
): Tensor4D {
  const convolved = customGrad((map, weights, save) => {
    (save as GradSaveFunc)([map as Tensor, weights as Tensor]);
    return {
      value: conv2d(map as Tensor4D, weights as Tensor4D, 1, padding, "NHWC", dilation),
      gradFunc: (dy: Tensor4D, saved: Tensor[]) => {
        const [from, by] = saved as [Tensor4D, Tensor4D];
        return [
          mapGradient(dy, by, padding, dilation),
          filterGradient(dy, from, by.shape, padding, dilation),
        ];
      },
    };
  });
  return convolved(x, filter) as Tensor4D;
}

function mapGradient(dy: Tensor4D, filter: Tensor4D, padding: number, dilation: number): Tensor4D {
  const turned = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return conv2d(dy, turned, 1, dilation * (filter.shape[0] - 1) - padding, "NHWC", dilation);
}

function filterGradient(
  dy: Tensor4D,
  x: Tensor4D,
  shape: Tensor4D["shape"],
  padding: number,
  dilation: number,
): Tensor {
  const [rows, columns, input, output] = shape;
  const [batch, height, width] = dy.shape;
  const full = pad(x, [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]);
  const taps = Array.from({ length: rows * columns }, (_, tap): Tensor4D => {
    const begin = [0, dilation * Math.floor(tap / columns), dilation * (tap % columns), 0];
    return slice(full, begin, [batch, height, width, input]);
  });
  const seen: Tensor2D = reshape(concat(taps, 3), [-1, rows * columns * input]);
  const changes: Tensor2D = reshape(dy, [-1, output]);
  return reshape(matMul(seen, changes, true), shape);
}
