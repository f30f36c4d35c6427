import { join } from "node:path";
import { compile } from "@lmk/compile";
import { createSizeTemplate } from "@lmk/data";
import { openDecodedCache } from "@lmk/data/images";
import { createEmbedder } from "@lmk/models/embedder";
import {
  type CompletedStage,
  engineSettings,
  extractEmbeddings,
  type Progress,
  type StageSettings,
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
  trained: ReadonlyMap<MemberName, CompletedStage>,
): Promise<EmbeddedSystem> {
  const embeddings = new Map<MemberName, Readonly<Record<Part, CompletedStage>>>();
  for (const chain of context.config.chains) {
    const of = (part: Part): Promise<CompletedStage> =>
      embed(context, { chain, trained: trained.get(chain.name)!, data, part });
    embeddings.set(chain.name, { test: await of("test"), gallery: await of("gallery") });
  }
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
async function embed(context: SystemContext, options: EmbedOptions): Promise<CompletedStage> {
  const { config, run, progress } = context;
  const { chain, trained, data, part } = options;
  const { batchSize, imagesPerPart } = config.embedding;
  const { normalization, kernel } = config.images;
  const { inferenceSize } = chain;
  const split = part === "test" ? "test" : "train";
  const rows = part === "test" ? usableRows(data.prepared, "test") : data.gallery.rows;
  const name = `embed/${chain.name}/${part}`;
  const settings: StageSettings = {
    settings: {
      part,
      gallery: config.recognition.gallery,
      size: inferenceSize,
      network: config.sizes[lastRun(chain).enetType],
      normalization,
      kernel,
      provider: context.options.provider,
    },
    after: [data.prepared.stage, trained],
  };
  const { paths } = data.prepared.data[split];
  const groups = new Int32Array(paths.length).fill(-1);
  for (const row of rows) groups[row] = 0;
  const cache = config.images.cache ? { cache: await openDecodedCache(join(run.path, "decoded")) } : {};
  let bar: Progress | undefined;
  const stage = await extractEmbeddings(run, name, settings, {
    async openEmbedder() {
      const { enetType } = lastRun(chain);
      const model = createNetwork(enetType, config.sizes[enetType]);
      const { [headName]: _, ...network } = await readWeights(join(trained.folder, weightsFile), model);
      return createEmbedder({
        model,
        weights: network,
        batchSize,
        normalize: false,
        compile: (apply, signature) => compile(apply, signature, engineSettings(context)),
      });
    },
    template: createSizeTemplate([], [{ width: inferenceSize, height: inferenceSize }]),
    batchSize,
    normalization,
    kernel,
    imagesPerPart,
    ...cache,
    paths,
    groups,
    onProgress(done) {
      bar ??= progress(name, rows.length);
      bar.update(done);
    },
  });
  bar?.stop();
  return stage;
}

/** The weights of a trained network in its stage's folder. */
export const weightsFile = "model.safetensors";
