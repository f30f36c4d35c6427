import { compile } from "@lmk/compile";
import type { Split } from "@lmk/data";
import { concatenateEmbeddings, type Matrix } from "@lmk/index";
import { createEmbedder } from "@lmk/models/embedder";
import {
  type CompletedStage,
  engineSettings,
  extractEmbeddings,
  groupsOf,
  type PreparedData,
  type Progress,
  readEmbeddings,
  type StageSettings,
} from "@lmk-example/kit";
import type { ExtractionConfig, Job } from "../config.ts";
import { type EnsembleContext, jobOf, openCache } from "../context.ts";
import { createModel, templateOf } from "../networks.ts";
import { readWeights } from "./train.ts";

/** What is to be embedded. */
export interface PredictOptions {
  /** The stage's name. */
  readonly name: string;
  readonly job: Job;
  readonly trained: CompletedStage;
  readonly prepared: PreparedData;
  readonly split: Split;
  readonly extraction: ExtractionConfig;
}

/** Embeds the images of a split with one network, at several scales. */
export async function predict(context: EnsembleContext, options: PredictOptions): Promise<CompletedStage> {
  const { config, run, progress } = context;
  const { name, job, trained, prepared, split, extraction } = options;
  const { templates, batchSize, scales, minimumSide, imagesPerPart } = extraction;
  const { normalization, kernel } = config.images;
  const settings: StageSettings = {
    settings: { split, extraction, normalization, kernel, provider: context.options.provider },
    after: [prepared.stage, trained],
  };
  const template = templateOf(templates);
  const groups = groupsOf(prepared, split, template);
  const images = groups.filter((group) => group >= 0).length;
  let bar: Progress | undefined;
  const stage = await extractEmbeddings(run, name, settings, {
    openEmbedder: async () =>
      createEmbedder({
        model: createModel(job.network),
        weights: await readWeights(trained),
        scales: { scales, minimumSide },
        batchSize,
        normalize: false,
        compile: (network, signature) => compile(network, signature, engineSettings(context)),
      }),
    template,
    batchSize,
    normalization,
    kernel,
    ...(imagesPerPart === undefined ? {} : { imagesPerPart }),
    ...(await openCache(context)),
    paths: prepared.data[split].paths,
    groups,
    onProgress(done) {
      bar ??= progress(name, images);
      bar.update(done);
    },
  });
  bar?.stop();
  return stage;
}

/** The embeddings of some networks, by job and split. */
export type Predictions = ReadonlyMap<string, Readonly<Partial<Record<Split, CompletedStage>>>>;

/** The embeddings of a split by one network: rows of length 1. */
export async function readMember(predictions: Predictions, job: string, split: Split): Promise<Matrix> {
  const stage = predictions.get(job)?.[split];
  if (stage === undefined) throw new RangeError(`expected embeddings of ${split} by ${job}, got none`);
  return readEmbeddings(stage);
}

/**
 * The ensemble's embeddings of a split: each member's row of length 1 times the member's weight, one after another, brought
 * to length 1. So the similarity of two images is the mean of the members' cosines, weighed by the squares.
 */
export async function readEnsemble(
  { config }: EnsembleContext,
  predictions: Predictions,
  split: Split,
): Promise<Matrix> {
  const parts = await Promise.all(
    config.members.map(async ({ job, weight }) => ({
      matrix: await readMember(predictions, jobOf(config, job).name, split),
      weight,
    })),
  );
  return concatenateEmbeddings(parts);
}
