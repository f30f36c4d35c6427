import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import { loadWeights } from "@lmk/models/checkpoints";
import { headName } from "./network.ts";

/** The weights of a trained network in its stage's folder. */
export const weightsFile = "model.safetensors";

/**
 * Reads the weights of a network without its head: a file of `train`, or the original's `.pth`, whose names may begin with
 * `module.` and, in the backbone, with `base.`.
 *
 * @throws CheckpointError where the file is not what it should be or does not fit the network.
 */
export function readNetworkWeights(path: string, model: EmbeddingModel): Promise<NamedArrays> {
  return loadWeights(model, path, { prefix: ["module.", "base."], drop: [headName] });
}
