import { avgPool, maxPool, pad, type Tensor4D } from "@tensorflow/tfjs-core";
import { type Layer, operation } from "./layer.ts";

/** Windows of a pooling layer. */
export interface PoolingOptions {
  readonly size: number;
  readonly stride: number;
  /** Rows and columns around the map, below any value; 0 unless given. */
  readonly padding?: number;
  /** Whether a last window that is not full counts too, as PyTorch's `ceil_mode`; not unless given. */
  readonly ceil?: boolean;
}

/** The largest value of each window. */
export function maxPooling(options: PoolingOptions): Layer {
  const { size, stride, padding = 0, ceil = false } = options;
  if (!ceil) return operation((x) => maxPool(x, size, stride, padding, "floor"));
  // Padding that fills the last window: tfjs's WASM backend gives wrong values for the rounding mode "ceil".
  const around = (side: number): [number, number] => {
    const beyond = (side + 2 * padding - size) % stride;
    return [padding, padding + (beyond === 0 ? 0 : stride - beyond)];
  };
  return operation((x) => {
    const [, height, width] = x.shape;
    return maxPool(x, size, stride, [[0, 0], around(height), around(width), [0, 0]]);
  });
}

/** The mean of each window; `padding` adds zeros that count, as in PyTorch unless told otherwise. */
export function averagePooling(options: Omit<PoolingOptions, "ceil">): Layer {
  const { size, stride, padding = 0 } = options;
  return operation((x) => avgPool(padding === 0 ? x : padded(x, padding), size, stride, "valid"));
}

function padded(x: Tensor4D, by: number): Tensor4D {
  return pad(x, [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ]);
}
