import { join } from "node:path";
import { type CompletedStage, embedEach, embedSplit, sameSize, usableRows } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import { headName } from "../head.ts";
import { createNetwork } from "../network.ts";
import type { NetworkConfig } from "../network-config.ts";
import {
  type EmbeddedSystem,
  type Part,
  parts,
  type SystemContext,
  type SystemData,
  type TrainedNetworks,
} from "../system.ts";
import { imageSide } from "../tokens.ts";
import { readWeights } from "../weights-file.ts";
import { weightsFile } from "./stand-in.ts";

/** Embeds the test images, the index and the gallery with every network. */
export async function embedAll(
  context: SystemContext,
  data: SystemData,
  trained: TrainedNetworks,
): Promise<EmbeddedSystem> {
  const configs = new Map(context.config.recipes.map(({ member, steps }) => [member, steps.at(-1)!.config]));
  const embeddings = await embedEach([...configs.keys()], parts, (member, part) =>
    embed(context, data, { member, config: configs.get(member)!, trained: trained.get(member)!, part }),
  );
  return { data, trained, embeddings };
}

/** What is embedded, and with which network. */
interface EmbedOptions {
  readonly member: MemberName;
  /** Of its last step. */
  readonly config: NetworkConfig;
  readonly trained: CompletedStage;
  readonly part: Part;
}

/** Embeds a part of the images with one network: rows of 512 numbers as the network gives them. */
function embed(
  context: SystemContext,
  { prepared, gallery }: SystemData,
  { member, config, trained, part }: EmbedOptions,
): Promise<CompletedStage> {
  const { batchSize, imagesPerPart } = context.config.embedding;
  const size = context.config.sizes[member];
  const side = imageSide(config, size);
  const split = part === "gallery" ? "train" : part;
  const rows = part === "gallery" ? gallery.rows : usableRows(prepared, part);
  return embedSplit(context, {
    name: `embed/${member}/${part}`,
    prepared,
    split,
    settings: { gallery: context.config.gallery, config, size },
    after: [trained],
    ...sameSize(rows, prepared.data[split].paths.length, { width: side, height: side }),
    batchSize,
    imagesPerPart,
    async openNetwork() {
      const model = createNetwork(config, size);
      const { [headName(config)]: _, ...weights } = await readWeights(
        join(trained.folder, weightsFile),
        model,
        config,
      );
      return { model, weights };
    },
  });
}
