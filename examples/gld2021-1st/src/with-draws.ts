import { randomBernoulli, splitSeed } from "@lmk/compile";
import type { EmbeddingModel, RandomSource } from "@lmk/models";
import type { LossContext } from "@lmk/train";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A network that draws what it drops in training from the seed of the step, which a `LossContext` has. */
export function withDraws(model: EmbeddingModel): EmbeddingModel {
  return {
    ...model,
    apply(parameters, images, options = {}) {
      const { seed } = options as Partial<Pick<LossContext, "seed">>;
      return model.apply(
        parameters,
        images,
        seed === undefined ? options : { ...options, random: drawsOf(seed) },
      );
    },
  };
}

/** Other draws at every call. */
function drawsOf(seed: Tensor): RandomSource {
  let calls = 0;
  return (shape, probability) => randomBernoulli(shape, probability, splitSeed(seed, calls++));
}
