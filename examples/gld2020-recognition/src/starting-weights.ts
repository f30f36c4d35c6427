import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import { initFrom } from "@lmk/train";
import { UserError } from "@lmk-example/kit";
import { classCenters } from "./head-file.ts";
import { headName, initialParameters } from "./network.ts";
import type { TrainStep } from "./train-run.ts";

/** What a training run begins with. */
export interface StartOptions {
  readonly trainStep: TrainStep;
  /** Classes of the head. */
  readonly classes: number;
  readonly seed: number;
  /**
   * Weights that take the place of random ones, such as those of a backbone trained on ImageNet: any part of the network, without
   * a head.
   *
   * @defaultValue none
   */
  readonly pretrained?: NamedArrays;
  /**
   * The weights of the run before, with its head.
   *
   * @defaultValue none
   */
  readonly loaded?: NamedArrays;
}

/**
 * The weights that a run begins with, by the original's rules for `--load-from`: step 1 takes the network and begins with a
 * new head, every other step takes the head too, so that its classes must be the same. The optimizer always begins anew.
 */
export function startingWeights(model: EmbeddingModel, options: StartOptions): NamedArrays {
  const { trainStep, classes, seed, pretrained = {}, loaded } = options;
  const { [headName]: _, ...part } = pretrained;
  const { parameters: initial } = initFrom(initialParameters(model, { classes, seed }), part, {
    strict: false,
  });
  if (loaded === undefined) return initial;
  const { [headName]: head, ...network } = loaded;
  if (trainStep === 1) return initFrom(initial, network, { strict: false }).parameters;
  requireSameHead(head?.shape, initial[headName]!.shape, trainStep);
  return initFrom(initial, loaded).parameters;
}

function requireSameHead(
  loaded: readonly number[] | undefined,
  wanted: readonly number[],
  trainStep: TrainStep,
): void {
  if (loaded !== undefined && String(loaded) === String(wanted)) return;
  const got = loaded === undefined ? "none" : `one of ${loaded[0]! / classCenters} classes`;
  throw new UserError(
    `--load-from: expected a head of ${wanted[0]! / classCenters} classes for train step ${trainStep}, got ${got}; only step 1 begins with a new head`,
  );
}
