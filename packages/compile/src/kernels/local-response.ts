import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import type { Value } from "../value.ts";
import { add, multiply, subtract } from "./element-wise.ts";
import { channelsFirst } from "./window.ts";

interface LocalResponse {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The sum over each channel's neighbors up to `radius` channels away, times `factor`. */
function neighborSum(tracer: Tracer, x: Value, radius: number, factor: number): Value {
  const [batch, height, width, channels] = x.shape;
  const size = 2 * radius + 1;
  const rows = tracer.graph.node("Reshape", [
    tracer.name(tracer.dense(x, channelsFirst)),
    tracer.graph.integers([batch, 1, channels, height * width]),
  ]);
  const means = tracer.graph.node("AveragePool", [rows], {
    kernel_shape: [size, 1],
    pads: [radius, 0, radius, 0],
    count_include_pad: 1,
  });
  const stored = channelsFirst.map((axis) => x.shape[axis]);
  const images = tracer.graph.node("Reshape", [means, tracer.graph.integers(stored)]);
  const value = tracer.value(images, x.shape, "float32", channelsFirst);
  return multiply(tracer, value, tracer.scalar(size * factor));
}

/** What each element is divided by, before the exponent: `bias + alpha · Σ x²` over the neighbors. */
function energy(tracer: Tracer, x: Value, { depthRadius, bias, alpha }: LocalResponse): Value {
  const squares = multiply(tracer, x, x);
  return add(tracer, neighborSum(tracer, squares, depthRadius, alpha), tracer.scalar(bias));
}

const attributesOf = (attributes: Attributes) => attributes as unknown as LocalResponse;

const raised = (tracer: Tracer, base: Value, exponent: number) =>
  tracer.elementwise("Pow", [base, tracer.scalar(exponent)], "float32");

/** Local response normalization over channels, and its gradient. */
export const localResponseKernels: Kernels = {
  LRN: (tracer, { x }, given) => {
    const attributes = attributesOf(given);
    return multiply(tracer, x, raised(tracer, energy(tracer, x, attributes), -attributes.beta));
  },
  LRNGrad: (tracer, { x, y, dy }, given) => {
    const attributes = attributesOf(given);
    const { depthRadius, alpha, beta } = attributes;
    const base = energy(tracer, x, attributes);
    const own = multiply(tracer, dy, raised(tracer, base, -beta));
    const shared = tracer.elementwise("Div", [multiply(tracer, dy, y), base], "float32");
    const others = neighborSum(tracer, shared, depthRadius, 2 * alpha * beta);
    return subtract(tracer, own, multiply(tracer, x, others));
  },
};
