import { engine, type NamedTensorMap, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";

/** Counts the multiplications of convolutions and matrix products of every op that tfjs runs or traces from now on. */
export function countMultiplications(): { readonly stop: () => number } {
  const running = engine();
  const original = running.runKernel;
  let count = 0;
  running.runKernel = function runCounted<T extends Tensor | Tensor[]>(
    name: string,
    inputs: NamedTensorMap,
    attributes?: Parameters<typeof original>[2],
  ): T {
    const output = original.call(running, name, inputs, attributes) as T;
    count += multiplicationsOf(name, inputs, output as Tensor, attributes as { transposeA?: boolean });
    return output;
  };
  return {
    stop: () => {
      running.runKernel = original;
      return count;
    },
  };
}

function multiplicationsOf(
  name: string,
  inputs: NamedTensorMap,
  output: TensorInfo,
  attributes: { readonly transposeA?: boolean } | undefined,
): number {
  const size = () => output.shape.reduce((product, side) => product * side, 1);
  if (name === "Conv2D" || name === "DepthwiseConv2dNative") {
    const [height, width, channels] = inputs.filter.shape;
    return size() * height * width * (name === "Conv2D" ? channels : 1);
  }
  if (name !== "BatchMatMul") return 0;
  const { shape } = inputs.a;
  return size() * shape[shape.length - (attributes?.transposeA === true ? 2 : 1)];
}
