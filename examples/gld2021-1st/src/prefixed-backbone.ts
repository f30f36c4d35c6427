import type { Backbone } from "@lmk/models";

/** A backbone whose parameters have a prefix before their names, such as the original's `backbone.`. */
export function prefixedBackbone(prefix: string, backbone: Backbone): Backbone {
  const named = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
  const names = Object.keys(backbone.shapes);
  return {
    ...backbone,
    shapes: named(backbone.shapes),
    classifier: backbone.classifier.map((name) => prefix + name),
    initialize: (options) => named(backbone.initialize(options)),
    apply(parameters, images, options) {
      const own = Object.fromEntries(names.map((name) => [name, parameters[prefix + name]!]));
      const output = backbone.apply(own, images, options);
      return { ...output, statistics: named(output.statistics) };
    },
  };
}
