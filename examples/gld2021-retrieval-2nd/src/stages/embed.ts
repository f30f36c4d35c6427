import { join } from "node:path";
import type { Names, Split } from "@lmk/data";
import type { MultiScaleOptions } from "@lmk/models";
import { type CompletedStage, embedEach, embedSplit, type PreparedData, sameSize } from "@lmk-example/kit";
import type { Chain, NetworkName } from "../chains.ts";
import { checksum } from "../checksum.ts";
import type { SearchedSystem } from "../member-rows.ts";
import { createNetwork } from "../network.ts";
import { readNetworkWeights, weightsFile } from "../network-weights.ts";
import type { Embeddings, RetrievalConfig, RetrievalContext } from "../retrieval-context.ts";
import { type Searched, searchedOf } from "../searched.ts";
import type { EmbeddedSystem, Part, SystemContext, SystemData, TrainedNetworks } from "../system.ts";
import type { YmlConfig } from "../yml-config.ts";

/** A system with what is searched in it. */
export interface SearchableSystem extends Omit<EmbeddedSystem, "embeddings">, SearchedSystem {}

/** Embeds queries, index and references with every network. */
export async function embedAll(
  context: SystemContext,
  data: SystemData,
  trained: TrainedNetworks,
): Promise<SearchableSystem> {
  const searched = searchedOf(data, context.config.search.references);
  const embeddings = await embedParts(context, searched, trained);
  return { data, searched, trained, embeddings };
}

/** Embeds the parts with every network of the config, each in a stage of its own; no references where none vote. */
export function embedParts(
  context: RetrievalContext,
  searched: Searched,
  trained: TrainedNetworks,
): Promise<Embeddings> {
  return embedEach(
    context.config.chains.map(({ network }) => network),
    searched.references.rows.length > 0 ? ["queries", "index", "references"] : ["queries", "index"],
    (network, part) => embed(context, searched, { network, trained: trained.get(network)!, part }),
  );
}

/** The config of the run that a network is of: the last of its chain. */
export function lastConfig({ chains, runs }: RetrievalConfig, network: NetworkName): YmlConfig {
  const chain: Chain | undefined = chains.find((one) => one.network === network);
  const config = chain && runs[chain.runs.at(-1)!.name];
  if (config === undefined) throw new RangeError(`expected the config of a run of ${network}, got none`);
  return config;
}

/** What is embedded, and with which network. */
interface EmbedOptions {
  readonly network: NetworkName;
  readonly trained: CompletedStage;
  readonly part: Part;
}

function embed(
  context: RetrievalContext,
  searched: Searched,
  { network, trained, part }: EmbedOptions,
): Promise<CompletedStage> {
  const { config } = context;
  const { inference, search } = config;
  const yml = lastConfig(config, network);
  const size = config.sizes[network];
  const [height, width] = [inference.IMAGE_SIZE, inference.IMAGE_SIZE];
  const { paths, rows, split, prepared } = imagesOf(searched, part);
  const list = part === "references" ? searched.references.name : undefined;
  const scales = inference.MULTI_SCALE_FEAT ? multiScale : undefined;
  return embedSplit(context, {
    name: `embed/${network}/${part}`,
    prepared,
    split,
    settings: { part, list, rows: checksum([rows]), model: yml.MODEL, height, width, size, scales },
    after: [trained],
    ...sameSize(rows, paths.length, { width, height }),
    batchSize: inference.BATCH_SIZE,
    imagesPerPart: search.imagesPerPart,
    async openNetwork() {
      const model = createNetwork(yml, size);
      const weights = await readNetworkWeights(join(trained.folder, weightsFile), model);
      return { model, weights, ...(scales === undefined ? {} : { scales }) };
    },
  });
}

/**
 * `MULTI_SCALE_FEAT`: the mean of embeddings as the network gives them at three sizes, whose sides are floored to multiples of
 * the network's stride, 16.
 */
export const multiScale: MultiScaleOptions = {
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the authors' own digits
  scales: [0.707, 1, 1.414],
  minimumSide: 16,
  sides: "stride",
  alignCorners: false,
};

/** The files of a part and their rows, in a table of the data set or in place of one. */
interface PartImages {
  readonly paths: Names;
  readonly rows: Int32Array;
  readonly split: Split;
  readonly prepared: PreparedData;
}

function imagesOf({ prepared, queries, images, references }: Searched, part: Part): PartImages {
  const { data } = prepared;
  if (part === "queries") return { paths: data.test.paths, rows: queries, split: "test", prepared };
  if (part === "index") return { paths: data.index.paths, rows: images, split: "index", prepared };
  // References are of several tables: their list stands in the place of train, of which only files are read.
  const { paths, rows, stage } = references;
  const listed = { ...prepared, stage, data: { ...data, train: { ...data.train, paths } } };
  return { paths, rows, split: "train", prepared: listed };
}
