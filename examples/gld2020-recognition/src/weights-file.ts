import { type EmbeddingModel, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { loadWeights, matchWeights, readCheckpoint } from "@lmk/models/checkpoints";
import { writeSafetensors } from "@lmk/train";
import { headName } from "./network.ts";

/** Stands before the backbone's names in the original's files. */
const backbonePrefix = "enet.";

/** Names that are not the backbone's. */
const others = /^(feat|metric_classify)\./;

/** Writes a network and its head as safetensors, with the names and the layout of the original's `model_state_dict`. */
export async function writeWeights(path: string, parameters: NamedArrays): Promise<void> {
  const named = Object.entries(parameters).map(
    ([name, array]) => [others.test(name) ? name : `${backbonePrefix}${name}`, array] as const,
  );
  await writeSafetensors(path, toReferenceLayout(Object.fromEntries(named)));
}

/**
 * Reads the weights of a network and its head, of however many classes: what {@link writeWeights} wrote, or the
 * original's `.pth`.
 *
 * @throws CheckpointError where the file is not what it should be or does not fit the network.
 */
export async function readWeights(path: string, model: EmbeddingModel): Promise<NamedArrays> {
  const { arrays } = await readCheckpoint(path);
  const head = arrays[headName] ?? arrays[`module.${headName}`];
  const network = matchWeights(model.shapes, arrays, {
    prefix: ["module.", backbonePrefix],
    drop: [headName, ...(model.classifier ?? [])],
  });
  return head === undefined ? network : { ...network, [headName]: head };
}

/** Reads a backbone's weights, such as those learned on ImageNet; the layer behind it is drawn at random. */
export async function readBackbone(path: string, model: EmbeddingModel, seed: number): Promise<NamedArrays> {
  const neck = Object.entries(model.initialize({ seed })).filter(([name]) => name.startsWith("feat."));
  return loadWeights(model, path, { initial: Object.fromEntries(neck) });
}
