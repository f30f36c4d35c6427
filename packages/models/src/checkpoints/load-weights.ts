import type { NamedArrays } from "../parameters.ts";
import { type MatchWeightsOptions, matchArrays } from "./match-weights.ts";
import { type ReadCheckpointOptions, readCheckpoint } from "./read-checkpoint.ts";

/** Options of {@link loadWeights}: those of reading and of matching. */
export interface LoadWeightsOptions extends ReadCheckpointOptions, MatchWeightsOptions {
  /**
   * Whether arrays of the reference's classifier, which the network leaves out, are dropped.
   *
   * @defaultValue true
   */
  readonly dropClassifier?: boolean;
}

/** A network as far as its weights go; every `Backbone` and `EmbeddingModel` is one. */
export interface WeightedNetwork {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly classifier?: readonly string[];
}

/**
 * Reads a checkpoint and brings it onto a network: {@link readCheckpoint}, then {@link matchWeights}.
 *
 * @param source - A path, or the file's bytes.
 * @returns Arrays in this package's layout, in the order of the network's shapes.
 * @throws CheckpointError where the file is not what it should be or does not fit the network.
 */
export async function loadWeights(
  network: WeightedNetwork,
  source: string | Uint8Array,
  options: LoadWeightsOptions = {},
): Promise<NamedArrays> {
  const { dropClassifier = true, drop = [] } = options;
  const { arrays } = await readCheckpoint(source, options);
  const classifier = dropClassifier ? (network.classifier ?? []) : [];
  const holder = typeof source === "string" ? source : "`source`";
  const all = { ...options, drop: [...drop, ...classifier] };
  return matchArrays({ caller: "loadWeights", holder }, network.shapes, arrays, all);
}
