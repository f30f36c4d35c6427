import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "@lmk/compile";
import type { Split } from "@lmk/data";
import { type Matrix, normalizeRows } from "@lmk/index";
import { readNpy } from "@lmk/index/npy";
import type { NamedArrays } from "@lmk/models";
import { createEmbedder } from "@lmk/models/embedder";
import { type CompletedStage, extractEmbeddings, runStage } from "@lmk-example/kit";
import { type Context, engineSettings, groupsOf, type PreparedData, splits } from "../context.ts";
import { createModel, templateOf } from "../system.ts";
import { trainedParameters, untrainedParameters } from "./train.ts";

/** The network before and after training. */
export type Version = "untrained" | "trained";

/** Embeds every image with the untrained and with the trained network. */
export async function extract(
  context: Context,
  prepared: PreparedData,
  trained: CompletedStage,
): Promise<CompletedStage> {
  const { config, run } = context;
  const { extractTemplates, normalization } = config.images;
  const settings = { extraction: config.extraction, templates: extractTemplates, normalization };
  return runStage(run, "extract", { settings, after: [prepared.stage, trained] }, async (folder) => {
    await extractWith(context, prepared, folder, "untrained", await untrainedParameters(context));
    await extractWith(context, prepared, folder, "trained", await trainedParameters(trained));
  });
}

async function extractWith(
  context: Context,
  prepared: PreparedData,
  folder: string,
  version: Version,
  weights: NamedArrays,
): Promise<void> {
  const { config, progress } = context;
  const model = createModel(config);
  const template = templateOf(config.images.extractTemplates);
  const { batchSize, scales, minimumSide } = config.extraction;
  const embedder = await createEmbedder({
    model,
    weights,
    scales: { scales, minimumSide },
    batchSize,
    normalize: false,
    compile: (network, signature) => compile(network, signature, engineSettings(context)),
  });
  for (const split of splits) {
    const groups = groupsOf(prepared, split, template);
    const file = embeddingsFile(folder, version, split);
    mkdirSync(dirname(file), { recursive: true });
    const bar = progress(`extract ${version} ${split}`, groups.filter((group) => group >= 0).length);
    await extractEmbeddings(embedder, {
      paths: prepared.data[split].paths,
      groups,
      template,
      batchSize,
      normalization: config.images.normalization,
      file,
      onProgress: bar.update,
    });
    bar.stop();
  }
  await embedder.dispose();
}

function embeddingsFile(folder: string, version: Version, split: Split): string {
  return join(folder, version, `${split}.npy`);
}

/** Embeddings of a split's usable rows, of length 1. */
export async function readEmbeddings(stage: CompletedStage, version: Version, split: Split): Promise<Matrix> {
  return normalizeRows(await readNpy(embeddingsFile(stage.folder, version, split)));
}
