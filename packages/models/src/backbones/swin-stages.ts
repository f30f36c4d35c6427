import { add, reshape, type Tensor2D, type Tensor4D, transpose } from "@tensorflow/tfjs-core";
import type { InitialRule } from "../initialize.ts";
import { gelu } from "../layers/activations.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { layerNormalization } from "../layers/layer-norm.ts";
import { linear } from "../layers/linear.ts";
import { stochasticDepth } from "../layers/stochastic-depth.ts";
import type { Shapes } from "../model.ts";
import type { Pass } from "../pass.ts";
import { type AttentionGrid, attentionGrid, windowAttention } from "./swin-attention.ts";

/** What makes the stages of one Swin transformer. */
export interface SwinStagesOptions {
  /** Whom errors name. */
  readonly caller: string;
  /** What all names begin with, with its dot. */
  readonly prefix?: string;
  /** Channels of the first stage; each further one has twice as many. */
  readonly width: number;
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  /** Rows and columns of a window in each stage. */
  readonly windows: readonly number[];
  /** Rate of stochastic depth in the last block; it grows evenly from 0 in the first. */
  readonly dropPathRate: number;
}

/** The stages of a Swin transformer, from the map of patches to the map after each stage, the last one normalized. */
export interface SwinStages {
  readonly shapes: Shapes;
  readonly apply: (pass: Pass, x: Tensor4D) => readonly Tensor4D[];
}

/** Seen as rows of channels once, a map stays stored that way; convolutions may leave it channels first. */
export function asRows(x: Tensor4D): Tensor4D {
  const rows: Tensor2D = reshape(x, [-1, x.shape[3]]);
  return reshape(rows, x.shape);
}

/**
 * Initial values as timm draws them: matrices and bias tables normal with deviation 0.02; its cut at ±2 is a hundred
 * deviations away.
 */
export const swinInitial: InitialRule = (_name, shape) =>
  shape.length === 2 ? { kind: "normal", deviation: 0.02 } : undefined;

/** The stages behind the patch embedding, with timm's names. */
export function swinStages(options: SwinStagesOptions): SwinStages {
  const { caller, prefix = "", width, depths, heads, windows, dropPathRate } = options;
  const last = depths.reduce((sum, depth) => sum + depth, 0) - 1;
  let index = 0;
  const stages = depths.map((depth, stage) => {
    const channels = width * 2 ** stage;
    const name = `${prefix}layers.${stage}`;
    const blocks = Array.from({ length: depth }, (_, block) =>
      swinBlock(`${name}.blocks.${block}`, {
        caller,
        channels,
        heads: heads[stage]!,
        window: windows[stage]!,
        dropPathRate: last === 0 ? 0 : (dropPathRate * index++) / last,
      }),
    );
    const ends = stage + 1 === depths.length;
    const down = ends ? chain() : patchMerging(`${name}.downsample`, channels);
    return { blocks, down, window: windows[stage]! };
  });
  const norm = layerNormalization(`${prefix}norm`, width * 2 ** (depths.length - 1));

  return {
    shapes: shapesOf([...stages.flatMap(({ blocks, down }) => [...blocks, down]), norm]),
    apply(pass, images) {
      let x = images;
      return stages.map(({ blocks, down, window }, stage) => {
        const [, height, columns] = x.shape;
        const plain = attentionGrid({ height, width: columns, window, shift: 0 });
        const shift = Math.min(height, columns) > window ? Math.floor(window / 2) : 0;
        const shifted = shift === 0 ? plain : attentionGrid({ height, width: columns, window, shift });
        const map = blocks.reduce((y, block, at) => block.apply(pass, y, at % 2 === 0 ? plain : shifted), x);
        x = down.apply(pass, map);
        return stage + 1 === stages.length ? norm.apply(pass, map) : map;
      });
    },
  };
}

interface BlockOptions {
  readonly caller: string;
  readonly channels: number;
  readonly heads: number;
  readonly window: number;
  readonly dropPathRate: number;
}

/** `y = x + attention(norm(x))`, then `y + mlp(norm(y))`. */
function swinBlock(name: string, { caller, channels, heads, window, dropPathRate }: BlockOptions) {
  const norm = layerNormalization(`${name}.norm1`, channels);
  const attention = windowAttention(`${name}.attn`, { channels, heads, window });
  const mlp = chain<Tensor4D>(
    layerNormalization(`${name}.norm2`, channels),
    linear(`${name}.mlp.fc1`, { in: channels, out: 4 * channels }),
    operation(gelu),
    linear(`${name}.mlp.fc2`, { in: 4 * channels, out: channels }),
  );
  const drop = stochasticDepth(caller, dropPathRate);
  return {
    shapes: shapesOf([norm, attention, mlp]),
    apply(pass: Pass, x: Tensor4D, grid: AttentionGrid): Tensor4D {
      const attended = attention.apply(pass, norm.apply(pass, x), grid);
      const mixed = add<Tensor4D>(x, drop.apply(pass, attended));
      return add(mixed, drop.apply(pass, mlp.apply(pass, mixed)));
    },
  };
}

/** Halves height and width: four neighbors become one place of twice the channels. */
function patchMerging(name: string, channels: number): Layer {
  return chain<Tensor4D>(
    operation((x) => {
      const [batch, height, width] = x.shape;
      const cut = reshape(x, [batch, height / 2, 2, width / 2, 2, channels]);
      const neighbors = transpose(cut, [0, 1, 3, 4, 2, 5]);
      return reshape(neighbors, [batch, height / 2, width / 2, 4 * channels]);
    }),
    layerNormalization(`${name}.norm`, 4 * channels),
    linear(`${name}.reduction`, { in: 4 * channels, out: 2 * channels, bias: false }),
  );
}
