import { avgPool, concat, slice, type Tensor4D } from "@tensorflow/tfjs-core";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation } from "../layers/layer.ts";
import { requirePositiveInteger } from "../require.ts";

/** A convolution and its batch norm. */
export function convolved(name: string, norm: string, options: ConvolutionOptions): Layer {
  return chain(convolution(name, options), batchNormalization(norm, options.out));
}

/** Refuses a width that leaves some part without a whole number of channels. */
export function requireWidth(caller: string, name: string, width: number, step: number): void {
  requirePositiveInteger(caller, "width", width);
  if (width % step === 0) return;
  throw new RangeError(`${caller}: expected \`width\` to be a multiple of ${step} for ${name}, got ${width}`);
}

/** Refuses a stride of the last stage other than 1 and 2. */
export function requireStride(caller: string, lastStride: number): void {
  if (lastStride === 1 || lastStride === 2) return;
  throw new RangeError(`${caller}: expected \`lastStride\` to be 1 or 2, got ${lastStride}`);
}

/** What makes a shortcut that changes the shape of the map. */
export interface ShortcutOptions {
  readonly in: number;
  readonly out: number;
  readonly stride: number;
}

/** A 1 × 1 convolution of the stride, and its batch norm. */
export function convolutionShortcut(name: string, options: ShortcutOptions): Layer {
  return convolved(`${name}.0`, `${name}.1`, options);
}

/** The means of 2 × 2 pixels where the stride is 2, then a 1 × 1 convolution and its batch norm. */
export function averageShortcut(name: string, { in: input, out, stride }: ShortcutOptions): Layer {
  const layer = convolved(`${name}.1`, `${name}.2`, { in: input, out });
  return stride === 1 ? layer : chain(operation(halved), layer);
}

/**
 * Means of 2 × 2 pixels; the last row or column of an odd number is averaged by itself.
 *
 * It is doubled for that: tfjs's average pooling would leave such windows out of the count only on the way forward.
 */
function halved(x: Tensor4D): Tensor4D {
  return avgPool(even(even(x, 1), 2), 2, 2, "valid");
}

function even(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const side = x.shape[axis];
  if (side % 2 === 0) return x;
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  begin[axis] = side - 1;
  return concat([x, slice(x, begin)], axis);
}
