import {
  add,
  gather,
  matMul,
  mul,
  reshape,
  softmax,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tensor,
  tensor1d,
  transpose,
  unstack,
} from "@tensorflow/tfjs-core";
import { shapesOf } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import type { Shapes } from "../model.ts";
import type { Pass } from "../pass.ts";
import { type Grid, partition, relativePositions, shiftMask, unite } from "./swin-windows.ts";

/** A grid with the tables that attention over it reads. */
export interface AttentionGrid extends Grid {
  /** Row of the bias table for each pair of places. */
  readonly positions: Tensor1D;
  /** `[1, windows, 1, places, places]` where windows are shifted. */
  readonly mask: Tensor | undefined;
}

/** What makes a {@link windowAttention}. */
export interface WindowAttentionOptions {
  readonly channels: number;
  readonly heads: number;
  /** Rows and columns of a window. */
  readonly window: number;
}

/** Self-attention within windows, for maps. */
export interface WindowAttention {
  readonly shapes: Shapes;
  readonly apply: (pass: Pass, x: Tensor4D, grid: AttentionGrid) => Tensor4D;
}

/** The tables for a grid. */
export function attentionGrid(grid: Grid): AttentionGrid {
  const { height, width, window, shift } = grid;
  const places = window ** 2;
  const windows = (height * width) / places;
  return {
    ...grid,
    positions: tensor1d(relativePositions(window), "int32"),
    mask: shift === 0 ? undefined : tensor(shiftMask(grid), [1, windows, 1, places, places]),
  };
}

/**
 * Multi-head self-attention within windows, with a learned bias for each distance in rows and columns.
 *
 * Parameters: `NAME.relative_position_bias_table` `[(2 · window − 1)², heads]`, `NAME.qkv.*`, `NAME.proj.*`.
 */
export function windowAttention(name: string, options: WindowAttentionOptions): WindowAttention {
  const { channels, heads, window } = options;
  const table = `${name}.relative_position_bias_table`;
  const places = window ** 2;
  const depth = channels / heads;
  const project = linear<Tensor3D>(`${name}.qkv`, { in: channels, out: 3 * channels });
  const unproject = linear<Tensor3D>(`${name}.proj`, { in: channels, out: channels });

  const biasOf = (pass: Pass, positions: Tensor1D): Tensor => {
    const bias = gather(pass.parameters[table] as Tensor2D, positions);
    return transpose(reshape(bias, [1, places, places, heads]), [0, 3, 1, 2]);
  };
  const masked = (scores: Tensor, mask: Tensor | undefined): Tensor => {
    if (mask === undefined) return scores;
    return reshape(add(reshape(scores, [-1, mask.shape[1]!, heads, places, places]), mask), scores.shape);
  };

  return {
    shapes: { [table]: [(2 * window - 1) ** 2, heads], ...shapesOf([project, unproject]) },
    apply(pass, x, grid) {
      const rows = project.apply(pass, partition(x, grid));
      const parts = transpose(reshape(rows, [-1, places, 3, heads, depth]), [2, 0, 3, 1, 4]);
      const [queries, keys, values] = unstack(parts) as [Tensor, Tensor, Tensor];
      const scores = matMul(mul(queries, depth ** -0.5), keys, false, true);
      const weights = softmax(masked(add(scores, biasOf(pass, grid.positions)), grid.mask));
      const gathered = transpose(matMul(weights, values), [0, 2, 1, 3]);
      return unite(unproject.apply(pass, reshape(gathered, [-1, places, channels])), grid);
    },
  };
}
