import * as tf from "@tensorflow/tfjs-core";
import { beginPass, initialWeights, type Network, type Pass } from "./network.ts";
import { layerNorm } from "./normalization.ts";
import { type Grid, partition, relativePositions, shiftMask, unite, windowSize } from "./windows.ts";

const width = 96;
const depths = [2, 2, 6, 2] as const;
const heads = [3, 6, 12, 24] as const;
const patchSize = 4;

/**
 * Swin-T as torchvision defines it, without stochastic depth: four stages of windowed attention, every second
 * block with its windows shifted by half, patch merging between the stages.
 *
 * @see {@link https://arxiv.org/abs/2103.14030 | Liu et al., Swin Transformer}
 */
export function createSwinT(): Network {
  const shapes = shapesOfSwinT();
  return {
    channels: width * 8,
    head: "head",
    initialize: ({ seed }) => initialWeights(shapes, seed),
    apply: (parameters, images, options) => {
      const pass = beginPass(parameters, options);
      const filter = parameters["features.0.0.weight"] as tf.Tensor4D;
      const patches = tf.add(tf.conv2d(images, filter, patchSize, "valid"), parameters["features.0.0.bias"]);
      // Seen as rows of channels once, the map stays stored that way; convolutions leave it channels first.
      const rows = tf.reshape(patches, [-1, width]);
      let x = layerNorm(
        pass,
        "features.0.2",
        tf.reshape<tf.Rank.R4>(rows, patches.shape as tf.Tensor4D["shape"]),
      );
      depths.forEach((depth, stage) => {
        for (let index = 0; index < depth; index++) {
          x = applyBlock(pass, `features.${2 * stage + 1}.${index}`, x, heads[stage], index % 2 === 1);
        }
        if (stage + 1 < depths.length) x = mergePatches(pass, `features.${2 * stage + 2}`, x);
      });
      return { features: tf.mean(layerNorm(pass, "norm", x), [1, 2]), statistics: {} };
    },
  };
}

function shapesOfSwinT(): Record<string, readonly number[]> {
  const norm = (name: string, channels: number) => ({
    [`${name}.weight`]: [channels],
    [`${name}.bias`]: [channels],
  });
  const matrix = (name: string, output: number, input: number) => ({
    [`${name}.weight`]: [output, input],
    [`${name}.bias`]: [output],
  });
  const shapes: Record<string, readonly number[]> = {
    "features.0.0.weight": [patchSize, patchSize, 3, width],
    "features.0.0.bias": [width],
    ...norm("features.0.2", width),
  };
  depths.forEach((depth, stage) => {
    const channels = width * 2 ** stage;
    for (let index = 0; index < depth; index++) {
      const name = `features.${2 * stage + 1}.${index}`;
      Object.assign(shapes, {
        ...norm(`${name}.norm1`, channels),
        [`${name}.attn.relative_position_bias_table`]: [(2 * windowSize - 1) ** 2, heads[stage]],
        ...matrix(`${name}.attn.qkv`, 3 * channels, channels),
        ...matrix(`${name}.attn.proj`, channels, channels),
        ...norm(`${name}.norm2`, channels),
        ...matrix(`${name}.mlp.0`, 4 * channels, channels),
        ...matrix(`${name}.mlp.3`, channels, 4 * channels),
      });
    }
    if (stage + 1 === depths.length) return;
    shapes[`features.${2 * stage + 2}.reduction.weight`] = [2 * channels, 4 * channels];
    Object.assign(shapes, norm(`features.${2 * stage + 2}.norm`, 4 * channels));
  });
  return { ...shapes, ...norm("norm", width * 8) };
}

function applyBlock(pass: Pass, name: string, x: tf.Tensor4D, headCount: number, shifted: boolean) {
  const attended = attend(
    pass,
    `${name}.attn`,
    layerNorm(pass, `${name}.norm1`, x),
    headCount,
    shifted ? Math.floor(windowSize / 2) : 0,
  );
  const mixed = tf.add<tf.Tensor4D>(x, attended);
  const inner = gelu(linear(pass, `${name}.mlp.0`, layerNorm(pass, `${name}.norm2`, mixed)));
  return tf.add<tf.Tensor4D>(mixed, linear(pass, `${name}.mlp.3`, inner));
}

/** Attention within windows of 7 × 7 places, padded at the bottom and right where they do not fit. */
function attend(pass: Pass, name: string, x: tf.Tensor4D, headCount: number, shift: number): tf.Tensor4D {
  const [batch, height, columns, channels] = x.shape;
  const grid: Grid = { batch, height, width: columns, channels, shift };
  const windows = partition(x, grid);
  const [count, places] = windows.shape;
  const depth = channels / headCount;
  const split = tf.reshape(linear(pass, `${name}.qkv`, windows), [count, places, 3, headCount, depth]);
  const [queries, keys, values] = tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]));
  const scores = tf.matMul(tf.mul(queries, depth ** -0.5), keys, false, true);
  const weights = tf.softmax(masked(tf.add(scores, positionBias(pass, name, headCount)), grid));
  const gathered = tf.transpose(tf.matMul(weights, values), [0, 2, 1, 3]);
  return unite(linear(pass, `${name}.proj`, tf.reshape(gathered, [count, places, channels])), grid);
}

function positionBias(pass: Pass, name: string, headCount: number): tf.Tensor {
  const places = windowSize ** 2;
  const table = pass.parameters[`${name}.relative_position_bias_table`];
  const bias = tf.gather(table, tf.tensor1d(relativePositions(), "int32"));
  return tf.transpose(tf.reshape(bias, [1, places, places, headCount]), [0, 3, 1, 2]);
}

/** Keeps places apart that the shift has brought into one window from opposite borders. */
function masked(scores: tf.Tensor, grid: Grid): tf.Tensor {
  const mask = shiftMask(grid);
  if (mask === undefined) return scores;
  const [count, headCount, places] = scores.shape;
  const windows = count / grid.batch;
  const split = tf.reshape(scores, [grid.batch, windows, headCount, places, places]);
  const shown = tf.add(split, tf.tensor(mask, [1, windows, 1, places, places]));
  return tf.reshape(shown, scores.shape);
}

/** Halves height and width: four neighbors become one place of twice the channels. */
function mergePatches(pass: Pass, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, columns, channels] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [0, height % 2],
    [0, columns % 2],
    [0, 0],
  ]);
  const [rows, half] = [Math.ceil(height / 2), Math.ceil(columns / 2)];
  const neighbors = tf.transpose(tf.reshape(padded, [batch, rows, 2, half, 2, channels]), [0, 1, 3, 4, 2, 5]);
  const joined = tf.reshape(neighbors, [batch, rows, half, 4 * channels]);
  return linear(pass, `${name}.reduction`, layerNorm(pass, `${name}.norm`, joined)) as tf.Tensor4D;
}

/** `x Wᵀ + b` over the last axis; without `b` where the network has none. */
function linear(pass: Pass, name: string, x: tf.Tensor): tf.Tensor {
  const weight = pass.parameters[`${name}.weight`] as tf.Tensor2D;
  const bias = pass.parameters[`${name}.bias`];
  const [output, input] = weight.shape;
  const product: tf.Tensor = tf.matMul(tf.reshape(x, [-1, input]), weight, false, true);
  const sum = bias === undefined ? product : tf.add(product, bias);
  return tf.reshape(sum, [...x.shape.slice(0, -1), output]);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)), 0.5);
}
