import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { mixed, type TestArray, uniform } from "../against-tfjs.ts";
import type { Case, Tensors } from "./case.ts";
import { withZerosBetween } from "./dilated.ts";

type Pair = readonly [number, number];
type Explicit = [[number, number], [number, number], [number, number], [number, number]];
type Pad = number | "same" | "valid" | Explicit;

/** A window that fits its images, and the channels around it. */
interface Geometry {
  readonly seed: number;
  readonly batch: number;
  readonly size: Pair;
  readonly kernel: Pair;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: Pad;
  readonly inputs: number;
  readonly outputs: number;
}

const small = (max: number, min = 1) => fc.integer({ min, max });
const edges = fc.tuple(small(2, 0), small(2, 0));

const pads: fc.Arbitrary<Pad> = fc.oneof(
  fc.constant("same" as const),
  fc.constant("valid" as const),
  small(2, 0),
  fc.tuple(edges, edges).map(([rows, columns]): Explicit => [[0, 0], rows, columns, [0, 0]]),
);

/** Strides or dilations, not both: tfjs refuses that. */
function geometries(kind: "plain" | "strided" | "dilated"): fc.Arbitrary<Geometry> {
  const beyond = fc.tuple(small(3), small(3));
  return fc
    .record({
      seed: small(1e6),
      batch: small(3),
      kernel: fc.tuple(small(4), small(4)),
      steps: kind === "plain" ? fc.constant([1, 1] as [number, number]) : beyond,
      extra: fc.tuple(small(4, 0), small(4, 0)),
      pad: pads,
      inputs: small(4),
      outputs: small(4),
    })
    .map(({ kernel, steps, extra, ...rest }) => {
      const dilations: [number, number] = kind === "dilated" ? steps : [1, 1];
      const reach = (axis: number) => (kernel[axis] - 1) * dilations[axis] + 1 + extra[axis];
      const strides: [number, number] = kind === "strided" ? steps : [1, 1];
      return { ...rest, kernel, dilations, strides, size: [reach(0), reach(1)] as const };
    })
    .filter((geometry) => outShape(geometry).every((dimension) => dimension > 0));
}

function outShape({ batch, size, inputs, outputs, kernel, strides, dilations, pad }: Geometry): number[] {
  const filter: [number, number, number, number] = [...kernel, inputs, outputs];
  return tf.backend_util.computeConv2DInfo([batch, ...size, inputs], filter, strides, dilations, pad)
    .outShape;
}

const images = ({ seed, batch, size, inputs }: Geometry): TestArray =>
  uniform(seed, [batch, ...size, inputs]);
const filters = ({ seed, kernel, inputs, outputs }: Geometry): TestArray =>
  uniform(seed + 1, [...kernel, inputs, outputs]);

const conv2d = (
  { x, filter }: Tensors,
  { strides, pad, dilations }: Geometry,
  data: "NHWC" | "NCHW" = "NHWC",
) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, data, dilations);

const depthwise = ({ x, filter }: Tensors, { strides, pad, dilations }: Geometry) =>
  tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, "NHWC", dilations);

/** The same convolution without dilation. */
function stuffed(
  op: typeof depthwise,
  { x, filter }: Tensors,
  { dilations, ...geometry }: Geometry,
): tf.Tensor {
  return op({ x, filter: withZerosBetween(filter, dilations) }, { ...geometry, dilations: [1, 1] });
}

const denseGradients = ["Conv2DBackpropInput", "Conv2DBackpropFilter"];
const depthwiseGradients = ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"];
const operands = ["x", "filter"];

const denseCases: readonly Case[] = (["plain", "strided"] as const).map((kind) => ({
  name: `conv2d, ${kind}`,
  kernels: ["Conv2D"],
  gradientKernels: denseGradients,
  differentiable: operands,
  arbitrary: geometries(kind).map((geometry) => ({
    inputs: { x: images(geometry), filter: filters(geometry) },
    op: (tensors) => conv2d(tensors, geometry),
  })),
}));

const depthwiseCases: readonly Case[] = (["plain", "strided"] as const).map((kind) => ({
  name: `depthwiseConv2d, ${kind}`,
  kernels: ["DepthwiseConv2dNative"],
  gradientKernels: depthwiseGradients,
  differentiable: operands,
  arbitrary: geometries(kind).map((geometry) => ({
    inputs: { x: images(geometry), filter: filters(geometry) },
    op: (tensors) => depthwise(tensors, geometry),
  })),
}));

const dilatedCases: readonly Case[] = [
  {
    name: "conv2d, dilated",
    kernels: ["Conv2D"],
    gradientKernels: denseGradients,
    differentiable: operands,
    arbitrary: geometries("dilated").map((geometry) => ({
      inputs: { x: images(geometry), filter: filters(geometry) },
      op: (tensors) => conv2d(tensors, geometry),
      reference: (tensors) => stuffed(conv2d, tensors, geometry),
    })),
  },
  {
    name: "depthwiseConv2d, dilated",
    kernels: ["DepthwiseConv2dNative"],
    gradientKernels: depthwiseGradients,
    differentiable: operands,
    arbitrary: geometries("dilated").map((geometry) => ({
      inputs: { x: images(geometry), filter: filters(geometry) },
      op: (tensors) => depthwise(tensors, geometry),
      reference: (tensors) => stuffed(depthwise, tensors, geometry),
    })),
  },
];

const layoutCases: readonly Case[] = [
  {
    name: "conv2d of channels-first images",
    kernels: ["Conv2D"],
    gradientKernels: denseGradients,
    differentiable: operands,
    arbitrary: geometries("strided")
      .filter(({ pad }) => !Array.isArray(pad))
      .map((geometry) => ({
        inputs: {
          x: uniform(geometry.seed, [geometry.batch, geometry.inputs, ...geometry.size]),
          filter: filters(geometry),
        },
        op: (tensors) => conv2d(tensors, geometry, "NCHW"),
      })),
  },
  {
    name: "depthwiseConv2d and conv2d of a convolution's output",
    kernels: ["Conv2D", "DepthwiseConv2dNative"],
    gradientKernels: [...denseGradients, ...depthwiseGradients],
    differentiable: ["x", "filter", "spatial"],
    arbitrary: geometries("strided").map((geometry) => ({
      inputs: {
        x: images(geometry),
        filter: filters(geometry),
        spatial: uniform(geometry.seed + 2, [...geometry.kernel, geometry.inputs, geometry.outputs]),
      },
      op: ({ x, filter, spatial }) => {
        const hidden = mixed(x);
        return [conv2d({ x: hidden, filter }, geometry), depthwise({ x: hidden, filter: spatial }, geometry)];
      },
    })),
  },
  {
    name: "conv2d and depthwiseConv2d of constant and repeated images and filters",
    kernels: ["Conv2D", "DepthwiseConv2dNative"],
    gradientKernels: [...denseGradients, ...depthwiseGradients],
    differentiable: ["row", "scale"],
    arbitrary: geometries("plain").map((geometry) => {
      const shape: [number, number, number, number] = [...geometry.kernel, geometry.inputs, geometry.outputs];
      return {
        inputs: {
          row: uniform(geometry.seed, [1, 1, geometry.size[1], geometry.inputs]),
          scale: uniform(geometry.seed + 1, [1, 1, 1, geometry.outputs]),
        },
        op: ({ row, scale }) => {
          const x = tf.tile(row, [geometry.batch, geometry.size[0], 1, 1]);
          const constant = tf.tensor(uniform(3, shape).data, shape);
          return [
            conv2d({ x, filter: tf.tile(scale, [...geometry.kernel, geometry.inputs, 1]) }, geometry),
            conv2d({ x: tf.ones(x.shape), filter: tf.mul(constant, scale) }, geometry),
            depthwise({ x: tf.mul(x, 2), filter: tf.mul(constant, scale) }, geometry),
          ];
        },
      };
    }),
  },
];

const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

/** Biases keep every activation at least 0.2 away from its kinks. */
const awayFromKinks = { bias: 3, spread: 0.02 };

function fusedCase(fused: "conv2d" | "depthwiseConv2d", kernel: string, gradientKernels: string[]): Case {
  return {
    name: `fused.${fused}`,
    kernels: [kernel],
    gradientKernels,
    differentiable: ["x", "filter", "bias"],
    arbitrary: fc
      .record({
        geometry: geometries("strided"),
        activation: fc.constantFrom(...activations),
        signs: fc.constantFrom(-1, 1),
      })
      .map(({ geometry, activation, signs }) => {
        const { inputs, outputs, seed, kernel: window, pad, strides } = geometry;
        const channels = fused === "conv2d" ? outputs : inputs * outputs;
        const { bias, spread } = awayFromKinks;
        const places = window[0] * window[1] * (fused === "conv2d" ? inputs : 1);
        return {
          inputs: {
            x: images(geometry),
            filter: uniform(seed + 1, [...window, inputs, outputs], -1 / places, 1 / places),
            bias: uniform(seed + 2, [channels], signs * bias - spread, signs * bias + spread),
            alpha: uniform(seed + 3, [channels], 0.1, 0.5),
          },
          op: ({ x, filter, bias: shift, alpha }) =>
            tf.fused[fused]({
              x: x as tf.Tensor4D,
              filter: filter as tf.Tensor4D,
              strides,
              pad: pad as "same",
              bias: shift,
              activation,
              leakyreluAlpha: 0.3,
              ...(activation === "prelu" ? { preluActivationWeights: alpha } : {}),
            }),
        };
      }),
  };
}

const fusedCases: readonly Case[] = [
  fusedCase("conv2d", "FusedConv2D", denseGradients),
  fusedCase("depthwiseConv2d", "FusedDepthwiseConv2D", depthwiseGradients),
];

const transposedCase: Case = {
  name: "conv2dTranspose",
  kernels: ["Conv2DBackpropInput"],
  gradientKernels: ["Conv2D", "Conv2DBackpropFilter"],
  differentiable: ["dy", "filter"],
  arbitrary: geometries("strided").map((geometry) => {
    const { batch, size, inputs, seed, strides, pad } = geometry;
    const inputShape: [number, number, number, number] = [batch, ...size, inputs];
    return {
      inputs: { dy: uniform(seed, outShape(geometry)), filter: filters(geometry) },
      op: ({ dy, filter }) =>
        tf.conv2dTranspose(dy as tf.Tensor4D, filter as tf.Tensor4D, inputShape, strides, pad),
    };
  }),
};

/** A convolution per group, joined; see test/grouped-convolution.test.ts for its single node. */
const groupedCases: readonly Case[] = (["plain", "strided", "dilated"] as const).map((kind) => ({
  name: `grouped convolution, ${kind}`,
  kernels: ["Conv2D"],
  gradientKernels: denseGradients,
  differentiable: operands,
  arbitrary: fc.tuple(geometries(kind), small(4, 2)).map(([geometry, groups]) => {
    const { seed, batch, size, kernel, inputs, outputs } = geometry;
    const written =
      (op: (tensors: Tensors, geometry: Geometry) => tf.Tensor) =>
      ({ x, filter }: Tensors): tf.Tensor => {
        const weights = tf.split(filter, groups, 3);
        const parts = tf.split(x, groups, 3).map((part, i) => op({ x: part, filter: weights[i] }, geometry));
        return tf.concat(parts, 3);
      };
    return {
      inputs: {
        x: uniform(seed, [batch, ...size, inputs * groups]),
        filter: uniform(seed + 1, [...kernel, inputs, outputs * groups]),
      },
      op: written((tensors) => conv2d(tensors, geometry)),
      reference: written((tensors) => stuffed(conv2d, tensors, geometry)),
    };
  }),
}));

/** Convolutions, dense, depthwise, grouped and transposed. */
export const convolutionCases: readonly Case[] = [
  ...denseCases,
  ...depthwiseCases,
  ...dilatedCases,
  ...layoutCases,
  ...fusedCases,
  transposedCase,
  ...groupedCases,
];
