import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Layer } from "../layers/layer.ts";
import type { Level } from "../model.ts";
import type { Pass } from "../pass.ts";

/** Blocks from one change of resolution or width to the next. */
export interface Stage {
  readonly stride: number;
  readonly channels: number;
  readonly layer: Layer;
}

/** The maps after all stages, one behind another. */
export function mapsOf(stages: readonly Layer[], pass: Pass, images: Tensor4D): readonly Tensor4D[] {
  let x = images;
  return stages.map((stage) => {
    x = stage.apply(pass, x);
    return x;
  });
}

/** The stages whose maps are levels: those before a stage that strides, and the last. */
function isLevel(stages: readonly Stage[], index: number): boolean {
  return index === stages.length - 1 || stages[index + 1]!.stride > 1;
}

/** The levels of stages one behind another. */
export function levelsOf(stages: readonly Stage[]): readonly Level[] {
  let stride = 1;
  const levels = stages.map((stage) => {
    stride *= stage.stride;
    return { channels: stage.channels, stride };
  });
  return levels.filter((_, index) => isLevel(stages, index));
}

/** The stages that the level of an index, from 0, needs. */
export function stagesUpTo(stages: readonly Stage[], level: number): readonly Stage[] {
  return stages.filter((_, index) => levelsOf(stages.slice(0, index + 1)).length <= level + 1);
}

/** The maps of {@link levelsOf}. */
export function levelMapsOf(stages: readonly Stage[], pass: Pass, images: Tensor4D): readonly Tensor4D[] {
  const layers = stages.map(({ layer }) => layer);
  return mapsOf(layers, pass, images).filter((_, index) => isLevel(stages, index));
}
