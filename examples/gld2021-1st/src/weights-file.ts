import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import {
  createEfficientNet,
  createSwin,
  type EfficientNetName,
  type EmbeddingModel,
  efficientnetVariants,
  type NamedArrays,
  type SwinName,
  toReferenceLayout,
} from "@lmk/models";
import { loadWeights, matchWeights, readCheckpoint } from "@lmk/models/checkpoints";
import { writeSafetensors } from "@lmk/train";
import { oneLine, UserError } from "@lmk-example/kit";
import { headName } from "./head.ts";
import type { NetworkConfig } from "./network-config.ts";
import type { BackboneName } from "./pretrained.ts";

/** Writes a network and its head as safetensors, with the names and the layout of the authors' checkpoints. */
export async function writeWeights(path: string, parameters: NamedArrays): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await writeSafetensors(part, toReferenceLayout(parameters));
  await rename(part, path);
}

/**
 * Reads the weights of a network and its head, of however many classes: what {@link writeWeights} wrote, or the authors' `.pth`.
 *
 * @throws CheckpointError where the file is not what it should be; UserError where it does not fit the network.
 */
export async function readWeights(
  path: string,
  model: EmbeddingModel,
  config: Pick<NetworkConfig, "model">,
): Promise<NamedArrays> {
  const { arrays } = await readCheckpoint(path);
  const name = headName(config);
  const head = arrays[name] ?? arrays[`module.${name}`];
  const rules = { prefix: ["module."], drop: [name, ...model.classifier] };
  try {
    const network = matchWeights(model.shapes, arrays, rules);
    return head === undefined ? network : { ...network, [name]: head };
  } catch (error) {
    throw new UserError(`${path}: ${oneLine(error)}`);
  }
}

/** Reads a backbone's weights learned on ImageNet, as timm publishes them. */
export function readBackbone(path: string, name: BackboneName): Promise<NamedArrays> {
  const backbone =
    name in efficientnetVariants
      ? createEfficientNet(name as EfficientNetName)
      : createSwin(name as SwinName);
  return loadWeights(backbone, path);
}
