import { type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { type InitialRule, initializeParameters } from "../initialize.ts";
import { shapesOf } from "../layers/layer.ts";
import type { Backbone, Level, Shapes } from "../model.ts";
import { beginPass, type Pass } from "../pass.ts";
import { requireShape } from "../require.ts";

/** What makes a backbone. */
export interface BackboneDefinition {
  readonly name: string;
  /** The maps that `forward` gives, from the finest to the last. */
  readonly levels: readonly Level[];
  /** Everything that has parameters. */
  readonly layers: readonly { readonly shapes: Shapes }[];
  /** Parameters of the reference's classifier. */
  readonly classifier: readonly string[];
  /** How the reference draws its weights, where that differs from the usual. */
  readonly initial?: InitialRule;
  readonly forward: (pass: Pass, images: Tensor4D) => readonly Tensor4D[];
}

/** A backbone from its layers and the way through them. */
export function defineBackbone(definition: BackboneDefinition): Backbone {
  const { name, levels, layers, classifier, initial, forward } = definition;
  const shapes = shapesOf(layers);
  const { channels, stride } = levels.at(-1)!;
  return {
    name,
    channels,
    stride,
    levels,
    shapes,
    classifier,
    initialize: ({ seed }) => initializeParameters(shapes, seed, initial),
    apply(parameters, images, options = {}) {
      requireShape(name, "images", images.shape, ["N", "H", "W", 3]);
      return tidy(() => {
        const pass = beginPass(name, shapes, parameters, options);
        const maps = forward(pass, images);
        return { features: maps.at(-1)!, levels: [...maps], statistics: pass.statistics };
      });
    },
  };
}
