import { defineBackbone } from "../backbones/define-backbone.ts";
import { efficientnetStages } from "../backbones/efficientnet-stages.ts";
import { type EfficientNetName, efficientnetVariants } from "../backbones/efficientnet-variants.ts";
import { depthwiseByGroups } from "../backbones/inverted-residual.ts";
import { levelMapsOf, levelsOf, stagesUpTo } from "../backbones/stages.ts";
import { shapesOf } from "../layers/layer.ts";
import type { Backbone } from "../model.ts";
import { requireAbove } from "../require.ts";

/** What makes the tokens of a hybrid. */
export interface EmbedderOptions {
  /** Whom errors name. */
  readonly caller: string;
  readonly stemStride: number;
  /** The last map, from 0. */
  readonly tap: number;
  /** Factors of channels and of blocks. */
  readonly width: number | undefined;
  readonly depth: number | undefined;
}

/** An EfficientNet without the blocks behind one of its maps; `classifier` names what they would hold. */
export function efficientnetUpTo(name: EfficientNetName, options: EmbedderOptions): Backbone {
  const published = efficientnetVariants[name];
  const { caller, stemStride, tap, width = published.width, depth = published.depth } = options;
  requireAbove(caller, "embedderWidth", width);
  requireAbove(caller, "embedderDepth", depth);
  const all = efficientnetStages(caller, { ...published, width, depth }, stemStride);
  const stages = stagesUpTo(all, tap);
  const layers = all.map(({ layer }) => layer);
  return defineBackbone({
    name,
    levels: levelsOf(stages),
    layers: layers.slice(0, stages.length),
    classifier: Object.keys(shapesOf(layers.slice(stages.length))),
    initial: depthwiseByGroups,
    forward: (pass, images) => levelMapsOf(stages, pass, images),
  });
}
