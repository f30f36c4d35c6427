import { join } from "node:path";
import {
  type CompletedStage,
  embedEach,
  embedSplit,
  sameSize,
  type TrainedNetworks,
  usableRows,
} from "@lmk-example/kit";
import { createNetwork, headName } from "../network.ts";
import type { EmbeddedSystem, Part, SystemContext, SystemData } from "../system.ts";
import { type Chain, lastRun, type MemberName } from "../train-run.ts";
import { readWeights } from "../weights-file.ts";

/** Embeds the test images and the gallery with every network. */
export async function embedAll(
  context: SystemContext,
  data: SystemData,
  trained: TrainedNetworks<MemberName>,
): Promise<EmbeddedSystem> {
  const { chains } = context.config;
  const embeddings = await embedEach(
    chains.map(({ name }) => name),
    ["test", "gallery"],
    (name, part) => {
      const chain = chains.find((one) => one.name === name)!;
      return embed(context, { chain, trained: trained.get(name)!, data, part });
    },
  );
  return { data, trained, embeddings };
}

/** What is embedded, and with which network. */
interface EmbedOptions {
  readonly chain: Chain;
  readonly trained: CompletedStage;
  readonly data: SystemData;
  readonly part: Part;
}

/** Embeds a part of the images with one network: rows of 512 numbers as the network gives them. */
function embed(context: SystemContext, options: EmbedOptions): Promise<CompletedStage> {
  const { config } = context;
  const { chain, trained, data, part } = options;
  const { batchSize, imagesPerPart } = config.embedding;
  const { inferenceSize } = chain;
  const { enetType } = lastRun(chain);
  const size = config.sizes[enetType];
  const split = part === "test" ? "test" : "train";
  const rows = part === "test" ? usableRows(data.prepared, "test") : data.gallery.rows;
  const side = { width: inferenceSize, height: inferenceSize };
  return embedSplit(context, {
    name: `embed/${chain.name}/${part}`,
    prepared: data.prepared,
    split,
    settings: { gallery: config.recognition.gallery, size: inferenceSize, network: size },
    after: [trained],
    ...sameSize(rows, data.prepared.data[split].paths.length, side),
    batchSize,
    imagesPerPart,
    async openNetwork() {
      const model = createNetwork(enetType, size);
      const { [headName]: _, ...weights } = await readWeights(join(trained.folder, weightsFile), model);
      return { model, weights };
    },
  });
}

/** The weights of a trained network in its stage's folder. */
export const weightsFile = "model.safetensors";
