import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import { type InitFromReport, initFrom } from "@lmk/train";
import { headName, initialHead } from "./head.ts";
import type { NetworkConfig } from "./network-config.ts";

/** What a run begins with. */
export interface StartOptions {
  /** Classes of the head. */
  readonly classes: number;
  readonly seed: number;
  /**
   * Weights that take the place of random ones, such as those of ImageNet: any part of the network, without a head.
   *
   * @defaultValue none
   */
  readonly pretrained?: NamedArrays;
  /**
   * Weights of the run that `pretrained_weights` names.
   *
   * @defaultValue none
   */
  readonly loaded?: NamedArrays;
}

/** Weights of a network and its head, and what became of the loaded ones. */
export interface StartingWeights {
  readonly parameters: NamedArrays;
  /** `undefined` where none were loaded. */
  readonly report: InitFromReport | undefined;
}

/**
 * The weights that a run begins with: random ones, then `pretrained`, then `loaded` without what `pop_weights` names.
 *
 * Networks here lack the parameters that the original's hold and never use; those of a loaded checkpoint are left out. So a block
 * that a hybrid gains in this run begins with `pretrained`; in the original's checkpoint it is there, untrained.
 *
 * @throws TrainingError with the code `wrong-arrays` if a shape differs, or, with `pretrained_weights_strict`, if weights are
 * missing or not those of this network.
 */
export function startingWeights(
  model: EmbeddingModel,
  config: NetworkConfig,
  { classes, seed, pretrained = {}, loaded }: StartOptions,
): StartingWeights {
  const head = headName(config);
  const { dimension } = model;
  const random = { ...model.initialize({ seed }), ...initialHead(config, { classes, dimension, seed }) };
  const { parameters: initial } = initFrom(random, without(pretrained, [head]), { strict: false });
  if (loaded === undefined) return { parameters: initial, report: undefined };
  const used = without(
    loaded,
    model.classifier.filter((name) => name !== head),
  );
  const popped = Object.keys(used).filter((name) =>
    (config.pop_weights ?? []).some((part) => name.includes(part)),
  );
  return initFrom(initial, used, { drop: popped, strict: config.pretrained_weights_strict });
}

function without(arrays: NamedArrays, names: readonly string[]): NamedArrays {
  const left = new Set(names);
  return Object.fromEntries(Object.entries(arrays).filter(([name]) => !left.has(name)));
}
