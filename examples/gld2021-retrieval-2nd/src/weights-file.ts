import { rename } from "node:fs/promises";
import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { readCheckpoint } from "@lmk/models/checkpoints";
import { writeSafetensors } from "@lmk/train";

/** Names that are not the backbone's. */
const others = /^(fcneck|fcneck_bn|bottleneck|classifier)\./;

/**
 * Writes a network and its head as safetensors, with the names and the layout of the original's `.pth`: the backbone's names
 * begin with `base.`. A reader sees the old file or the new one, never a part.
 */
export async function writeWeights(path: string, parameters: NamedArrays): Promise<void> {
  const named = Object.entries(parameters).map(
    ([name, array]) => [others.test(name) ? name : `base.${name}`, array] as const,
  );
  const part = `${path}.part`;
  await writeSafetensors(part, toReferenceLayout(Object.fromEntries(named)));
  await rename(part, path);
}

/**
 * Reads the weights that a run begins with, of whatever network: what {@link writeWeights} wrote, a `.pth` of the original,
 * or a backbone's weights of ImageNet.
 *
 * @returns Arrays by the file's names, for `handOver` and `imagenetWeights`.
 * @throws CheckpointError where the file is not what it should be.
 */
export async function readStart(path: string): Promise<NamedArrays> {
  const { arrays } = await readCheckpoint(path);
  return fromReferenceLayout(arrays);
}
