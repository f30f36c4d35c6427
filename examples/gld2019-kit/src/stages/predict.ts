import type { Split } from "@lmk/data";
import { concatenateEmbeddings, type Matrix } from "@lmk/index";
import {
  type CompletedStage,
  embedSplit,
  groupsOf,
  type PreparedData,
  readEmbeddings,
} from "@lmk-example/kit";
import type { ExtractionConfig, Job } from "../config.ts";
import { type EnsembleContext, jobOf } from "../context.ts";
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
export function predict(context: EnsembleContext, options: PredictOptions): Promise<CompletedStage> {
  const { name, job, trained, prepared, split, extraction } = options;
  const { templates, batchSize, scales, minimumSide, imagesPerPart } = extraction;
  const template = templateOf(templates);
  return embedSplit(context, {
    name,
    prepared,
    split,
    settings: { extraction },
    after: [trained],
    template,
    groups: groupsOf(prepared, split, template),
    batchSize,
    imagesPerPart,
    openNetwork: async () => ({
      model: createModel(job.network),
      weights: await readWeights(trained),
      scales: { scales, minimumSide },
    }),
  });
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
