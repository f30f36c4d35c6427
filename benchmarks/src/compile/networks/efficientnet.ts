import * as tf from "@tensorflow/tfjs-core";
import { beginPass, initialWeights, type Network, type Pass } from "./network.ts";
import { batchNorm } from "./normalization.ts";

/** One inverted bottleneck of the network. */
interface Block {
  readonly name: string;
  readonly size: number;
  readonly stride: number;
  readonly input: number;
  readonly inner: number;
  readonly output: number;
}

/** Expansion, kernel size, first stride, output channels and blocks of each stage of B0. */
const stages = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;
const stemChannels = 32;
const headChannels = 1280;

/**
 * EfficientNet-B0 as torchvision defines it, without stochastic depth and dropout.
 *
 * Depthwise filters are kept as `[height, width, 1, channels]`, the layout of a grouped convolution.
 *
 * @see {@link https://arxiv.org/abs/1905.11946 | Tan and Le, EfficientNet}
 */
export function createEfficientNetB0(): Network {
  const blocks = blocksOfB0();
  const last = blocks[blocks.length - 1].output;
  const shapes: Record<string, readonly number[]> = {
    ...convolutionShapes("features.0", 3, 3, stemChannels),
    ...Object.assign({}, ...blocks.map(blockShapes)),
    ...convolutionShapes("features.8", 1, last, headChannels),
  };
  return {
    channels: headChannels,
    head: "classifier.1",
    initialize: ({ seed }) => initialWeights(shapes, seed),
    apply: (parameters, images, options) => {
      const pass = beginPass(parameters, options);
      const stem = silu(convolve(pass, "features.0", images, 2));
      const mixed = blocks.reduce((x, block) => applyBlock(pass, block, x), stem);
      const features = tf.mean<tf.Tensor2D>(silu(convolve(pass, "features.8", mixed)), [1, 2]);
      return { features, statistics: pass.statistics };
    },
  };
}

function blocksOfB0(): Block[] {
  let input = stemChannels;
  return stages.flatMap(([expansion, size, stride, output, depth], stage) =>
    Array.from({ length: depth }, (_, index) => {
      const name = `features.${stage + 1}.${index}.block`;
      const block = {
        name,
        size,
        stride: index === 0 ? stride : 1,
        input,
        inner: input * expansion,
        output,
      };
      input = output;
      return block;
    }),
  );
}

/** The names of a block's layers; the first stage has no expansion. */
function layersOf({ name, input, inner }: Block) {
  const [depthwise, squeeze, project] = (input === inner ? [0, 1, 2] : [1, 2, 3]).map((i) => `${name}.${i}`);
  return { expand: input === inner ? undefined : `${name}.0`, depthwise, squeeze, project };
}

function convolutionShapes(name: string, size: number, input: number, output: number) {
  const fields = ["weight", "bias", "running_mean", "running_var"];
  return {
    [`${name}.0.weight`]: [size, size, input, output],
    ...Object.fromEntries(fields.map((field) => [`${name}.1.${field}`, [output]])),
  };
}

function blockShapes(block: Block): Record<string, readonly number[]> {
  const { size, input, inner, output } = block;
  const { expand, depthwise, squeeze, project } = layersOf(block);
  const squeezed = Math.floor(input / 4);
  return {
    ...(expand === undefined ? {} : convolutionShapes(expand, 1, input, inner)),
    ...convolutionShapes(depthwise, size, 1, inner),
    [`${squeeze}.fc1.weight`]: [1, 1, inner, squeezed],
    [`${squeeze}.fc1.bias`]: [squeezed],
    [`${squeeze}.fc2.weight`]: [1, 1, squeezed, inner],
    [`${squeeze}.fc2.bias`]: [inner],
    ...convolutionShapes(project, 1, inner, output),
  };
}

function applyBlock(pass: Pass, block: Block, x: tf.Tensor4D): tf.Tensor4D {
  const { expand, depthwise, squeeze, project } = layersOf(block);
  const expanded = expand === undefined ? x : silu(convolve(pass, expand, x));
  const mixed = silu(convolveDepthwise(pass, depthwise, expanded, block.stride));
  const weighed = tf.mul<tf.Tensor4D>(mixed, excitation(pass, squeeze, mixed));
  const projected = convolve(pass, project, weighed);
  return block.stride === 1 && block.input === block.output ? tf.add(projected, x) : projected;
}

/** Squeeze and excitation: a weight between 0 and 1 for each channel of each image. */
function excitation(pass: Pass, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const layer = (field: string, y: tf.Tensor4D) => {
    const filter = pass.parameters[`${name}.${field}.weight`] as tf.Tensor4D;
    return tf.add<tf.Tensor4D>(tf.conv2d(y, filter, 1, "valid"), pass.parameters[`${name}.${field}.bias`]);
  };
  return tf.sigmoid(layer("fc2", silu(layer("fc1", tf.mean(x, [1, 2], true)))));
}

function convolve(pass: Pass, name: string, x: tf.Tensor4D, stride = 1): tf.Tensor4D {
  const filter = pass.parameters[`${name}.0.weight`] as tf.Tensor4D;
  return batchNorm(pass, `${name}.1`, tf.conv2d(x, filter, stride, (filter.shape[0] - 1) / 2));
}

function convolveDepthwise(pass: Pass, name: string, x: tf.Tensor4D, stride: number): tf.Tensor4D {
  const filter = tf.transpose(pass.parameters[`${name}.0.weight`] as tf.Tensor4D, [0, 1, 3, 2]);
  return batchNorm(pass, `${name}.1`, tf.depthwiseConv2d(x, filter, stride, (filter.shape[0] - 1) / 2));
}

/** `y = x · s` with `s = sigmoid(x)`; its gradient `s + y (1 - s)` in four ops, where the tape would take six. */
const silu: (x: tf.Tensor4D) => tf.Tensor4D = tf.customGrad((x, save) => {
  const gate = tf.sigmoid(x as tf.Tensor4D);
  const value = tf.mul<tf.Tensor4D>(x as tf.Tensor4D, gate);
  (save as tf.GradSaveFunc)([value, gate]);
  return {
    value,
    gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
      const [y, s] = saved as [tf.Tensor4D, tf.Tensor4D];
      return tf.mul(dy, tf.add(s, tf.mul(y, tf.sub(1, s))));
    },
  };
});
