import { engine, type GradConfig, type NamedAttrMap, type Tensor } from "@tensorflow/tfjs-core";

/** The gradient of one operand of a convolution, which is bilinear: a kernel over the two others. */
function along(
  kernel: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: NamedAttrMap,
): () => Tensor {
  return () => engine().runKernel(kernel, { ...inputs }, attributes) as Tensor;
}

/**
 * The gradients of a convolution and of its two gradients, which call one another. tfjs's own refuse
 * dilations, drop `dimRoundingMode`, and lack those of the filter's gradient and of both depthwise ones.
 */
function gradientsOf(
  forward: string,
  backpropInput: string,
  backpropFilter: string,
): Record<string, Omit<GradConfig, "kernelName">> {
  const geometry = ({
    strides,
    pad,
    dataFormat,
    dilations,
    dimRoundingMode,
  }: NamedAttrMap): NamedAttrMap => ({
    strides,
    pad,
    dataFormat: dataFormat ?? "NHWC",
    dilations: dilations ?? [1, 1],
    dimRoundingMode,
  });
  const toInput = (dy: Tensor, filter: Tensor, inputShape: number[], attributes: NamedAttrMap) =>
    along(backpropInput, { dy, filter }, { ...geometry(attributes), inputShape });
  const toFilter = (x: Tensor, dy: Tensor, filterShape: number[], attributes: NamedAttrMap) =>
    along(backpropFilter, { x, dy }, { ...geometry(attributes), filterShape });
  const toOutput = (x: Tensor, filter: Tensor, attributes: NamedAttrMap) =>
    along(forward, { x, filter }, geometry(attributes));

  return {
    [forward]: {
      inputsToSave: ["x", "filter"],
      gradFunc: (change, [x, filter], attributes) => ({
        x: toInput(change as Tensor, filter, x.shape, attributes),
        filter: toFilter(x, change as Tensor, filter.shape, attributes),
      }),
    },
    [backpropInput]: {
      inputsToSave: ["dy", "filter"],
      gradFunc: (change, [dy, filter], attributes) => ({
        dy: toOutput(change as Tensor, filter, attributes),
        filter: toFilter(change as Tensor, dy, filter.shape, attributes),
      }),
    },
    [backpropFilter]: {
      inputsToSave: ["x", "dy"],
      gradFunc: (change, [x, dy], attributes) => ({
        x: toInput(dy, change as Tensor, x.shape, attributes),
        dy: toOutput(x, change as Tensor, attributes),
      }),
    },
  };
}

/** Gradients of convolutions, dense and depthwise, dilated or not, to any order. */
export const convolutionGradients: Readonly<Record<string, Omit<GradConfig, "kernelName">>> = {
  ...gradientsOf("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
  ...gradientsOf(
    "DepthwiseConv2dNative",
    "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter",
  ),
};
