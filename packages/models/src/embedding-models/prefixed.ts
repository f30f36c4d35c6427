import type { ApplyOptions, Backbone, BackboneOutput } from "../model.ts";
import type { NamedArrays, Parameters } from "../parameters.ts";

/** A backbone whose parameters have a prefix before their names. */
export type PrefixedBackbone = Pick<Backbone, "shapes" | "classifier" | "levels" | "initialize" | "apply">;

/** Puts a prefix, with its dot, before the names of a backbone's parameters. */
export function prefixed(prefix: string, backbone: Backbone): PrefixedBackbone {
  const named = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
  const names = Object.keys(backbone.shapes);
  return {
    shapes: named(backbone.shapes),
    classifier: backbone.classifier.map((name) => prefix + name),
    levels: backbone.levels,
    initialize: (options): NamedArrays => named(backbone.initialize(options)),
    apply(parameters, images, options?: ApplyOptions): BackboneOutput {
      const own: Parameters = Object.fromEntries(names.map((name) => [name, parameters[prefix + name]!]));
      const output = backbone.apply(own, images, options);
      return { ...output, statistics: named(output.statistics) };
    },
  };
}
