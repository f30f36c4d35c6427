import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Puts another kernel in the place of the WASM backend's `Mean`, which adds one value after the other in float32. Over a
 * large feature map that costs two digits, and batch norms one after another make it more; PyTorch, against which networks
 * are held here, adds in float32 too, but not one after the other. This kernel adds in float64 and rounds once.
 */
export function useExactMean(): void {
  tf.unregisterKernel("Mean", "wasm");
  tf.registerKernel({
    kernelName: "Mean",
    backendName: "wasm",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { axis, keepDims } = attrs as unknown as { axis: number | number[] | null; keepDims: boolean };
      return mean(inputs.x!, backend as BackendWasm, axis, keepDims);
    },
  });
}

function mean(
  x: tf.TensorInfo,
  backend: BackendWasm,
  axis: number | number[] | null,
  keepDims: boolean,
): tf.TensorInfo {
  const axes = tf.util.parseAxisParam(axis as number, x.shape).sort((a, b) => a - b);
  const first = axes[0] ?? x.shape.length;
  if (x.dtype !== "float32" || axes.some((value, i) => value !== first + i)) {
    throw new RangeError(
      `mean: expected float32 and axes that follow one another, got ${x.dtype} and ${axes}`,
    );
  }
  const product = (sides: number[]): number => sides.reduce((size, side) => size * side, 1);
  const outer = product(x.shape.slice(0, first));
  const middle = product(x.shape.slice(first, first + axes.length));
  const inner = product(x.shape.slice(first + axes.length));
  const shape = x.shape.flatMap((side, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [side]));

  // Memory may move when the output is made, so that the views come after it.
  const output = backend.makeOutput(shape, "float32");
  const from = backend.typedArrayFromHeap(x);
  const to = backend.typedArrayFromHeap(output);
  const sums = new Float64Array(inner);
  for (let i = 0; i < outer; i++) {
    sums.fill(0);
    for (let j = 0, position = i * middle * inner; j < middle; j++) {
      for (let k = 0; k < inner; k++, position++) sums[k]! += from[position]!;
    }
    for (let k = 0; k < inner; k++) to[i * inner + k] = sums[k]! / middle;
  }
  return output;
}
