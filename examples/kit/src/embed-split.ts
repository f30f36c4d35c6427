import { compile } from "@lmk/compile";
import type { SizeTemplate, Split } from "@lmk/data";
import { createEmbedder, type EmbedderOptions } from "@lmk/models/embedder";
import type { RunOptions } from "./command-line.ts";
import { type Context, engineSettings, type Progress } from "./context.ts";
import { extractEmbeddings } from "./embeddings.ts";
import { type ImagesConfig, imageOptions } from "./image-settings.ts";
import type { PreparedData } from "./prepared-data.ts";
import type { CompletedStage } from "./run-folder.ts";

/** How images are embedded. */
export interface EmbeddingConfig {
  readonly batchSize: number;
  /** Images whose embeddings are saved together, the unit that processes share. */
  readonly imagesPerPart: number;
}

/** What is embedded, and with which network. */
export interface EmbedSplitOptions {
  /** The stage's name. */
  readonly name: string;
  readonly prepared: PreparedData;
  readonly split: Split;
  /** What decides which rows there are and what the network makes of them; how images are read comes to it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The stage that made the network's weights, and others that count. */
  readonly after: readonly CompletedStage[];
  readonly template: SizeTemplate;
  /** The size group of each row of the split; negative leaves the row out. */
  readonly groups: Int32Array;
  readonly batchSize: number;
  /** Images that are saved together, and the unit of which shards are made. */
  readonly imagesPerPart?: number | undefined;
  /** Opens the network, where something is left to embed. */
  readonly openNetwork: () => Promise<Pick<EmbedderOptions, "model" | "weights" | "scales">>;
}

/** A stage of {@link extractEmbeddings} that embeds images of a split, rows as the network gives them, with a bar that shows how far it is. */
export async function embedSplit(
  context: Context<{ readonly images: ImagesConfig }, RunOptions>,
  options: EmbedSplitOptions,
): Promise<CompletedStage> {
  const { name, prepared, split, settings, after, template, groups, batchSize, imagesPerPart } = options;
  const { run, progress, config } = context;
  const { provider } = context.options;
  const { normalization, kernel } = config.images;
  const images = groups.filter((group) => group >= 0).length;
  let bar: Progress | undefined;
  const stage = await extractEmbeddings(
    run,
    name,
    { settings: { ...settings, split, normalization, kernel, provider }, after: [prepared.stage, ...after] },
    {
      openEmbedder: async () =>
        createEmbedder({
          ...(await options.openNetwork()),
          batchSize,
          normalize: false,
          compile: (network, signature) => compile(network, signature, engineSettings(context)),
        }),
      template,
      batchSize,
      ...(await imageOptions(context)),
      ...(imagesPerPart === undefined ? {} : { imagesPerPart }),
      paths: prepared.data[split].paths,
      groups,
      onProgress(done) {
        bar ??= progress(name, images);
        bar.update(done);
      },
    },
  );
  bar?.stop();
  return stage;
}
