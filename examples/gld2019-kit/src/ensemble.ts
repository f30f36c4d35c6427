import type { Split } from "@lmk/data";
import {
  type CompletedStage,
  type StageDescription,
  splits,
  trainingsAtOnce,
  UserError,
} from "@lmk-example/kit";
import type { CleanLists } from "./clean-lists.ts";
import type { Job } from "./config.ts";
import {
  type EnsembleContext,
  type EnsembleData,
  jobOf,
  jobsBehind,
  needsCleaning,
  requireJobs,
} from "./context.ts";
import { clean, describe, findCandidates, verifyCandidates } from "./stages/clean.ts";
import { findFeatures } from "./stages/features.ts";
import { type Predictions, predict } from "./stages/predict.ts";
import { prepare } from "./stages/prepare.ts";
import { type TrainedJobs, trainJobs } from "./stages/train.ts";

/** What the ensemble does, stage by stage; those that can be shared by several processes say so. */
export const ensembleStages: readonly StageDescription[] = [
  { name: "prepare", description: "bring the data sets, measure every image" },
  { name: "descriptor", description: "train the network that finds images to verify" },
  { name: "describe", description: "embed the train images with the network for cleaning", shared: true },
  { name: "candidates", description: "find each train image's neighbors of its landmark", shared: true },
  { name: "features", description: "find and describe places in the images", shared: true },
  { name: "pairs", description: "verify the neighbors place by place", shared: true },
  { name: "clean", description: "keep the images that enough others agree with" },
  { name: "train", description: "train the networks" },
  { name: "predict", description: "embed every image with every network", shared: true },
];

/** Networks besides the ensemble's members, and the splits to embed with them. */
export interface ExtraNetworks {
  readonly jobs: readonly string[];
  readonly splits: readonly Split[];
}

/** All that the two systems of 2019 share. */
export interface Ensemble {
  readonly data: EnsembleData;
  /** `undefined` where nothing is trained on a list that is made here. */
  readonly lists: CleanLists | undefined;
  /** Local features of the splits that are asked for. */
  readonly features: Readonly<Partial<Record<Split, CompletedStage>>>;
  readonly trained: ReadonlyMap<string, CompletedStage>;
  readonly predictions: Predictions;
}

/** What a system needs of the ensemble. */
export interface EnsembleNeeds {
  readonly extra: readonly ExtraNetworks[];
  /** Splits whose images are compared place by place later. */
  readonly features: readonly Split[];
}

/**
 * Makes the ensemble up to a stage.
 *
 * @returns `undefined` if `last` is one of its stages: then there is nothing to go on with.
 */
export async function runEnsemble(
  context: EnsembleContext,
  last: string,
  needs: EnsembleNeeds,
): Promise<Ensemble | undefined> {
  const { config } = context;
  const jobs = jobsBehind(config, networksOf(context, last, needs));
  const cleans = needsCleaning(jobs);
  const descriptor = cleans ? jobsBehind(config, [config.cleaning.descriptor]) : [];
  const data = await prepare(
    context,
    [...jobs, ...descriptor].some(({ data }) => data.set === "v1"),
  );
  if (last === "prepare") return undefined;

  const trained: TrainedJobs = new Map();
  // Where several are trained at once, those that need no list of clean images need not wait for it.
  const early =
    last === "descriptor" || trainingsAtOnce(context) === 1
      ? []
      : jobs.filter((job) => needsNoList(job, jobs));
  await trainJobs(context, { data, lists: undefined }, [...new Set([...descriptor, ...early])], trained);
  if (last === "descriptor") return undefined;
  const described = cleans
    ? await describe(context, data.v2, trained.get(config.cleaning.descriptor)!)
    : undefined;
  if (last === "describe") return undefined;
  const candidates = described && (await findCandidates(context, data.v2, described));
  if (last === "candidates") return undefined;
  const features: Partial<Record<Split, CompletedStage>> = {};
  const compared = context.options.only === undefined ? needs.features : [];
  for (const split of splits) {
    if ((split === "train" && cleans) || compared.includes(split)) {
      features[split] = await findFeatures(context, data.v2, split);
    }
  }
  if (last === "features") return undefined;
  const pairs = candidates && (await verifyCandidates(context, data.v2, candidates, features.train!));
  if (last === "pairs") return undefined;
  const lists = pairs && (await clean(context, data.v2, pairs, jobs));
  if (last === "clean") return undefined;

  await trainJobs(context, { data, lists }, jobs, trained);
  if (last === "train") return undefined;
  const predictions = await predictAll(context, data, trained, needs.extra);
  if (last === "predict") return undefined;
  return { data, lists, features, trained, predictions };
}

/** Whether neither a job nor those that it starts from need a list that is made here. */
function needsNoList(job: Job, jobs: readonly Job[]): boolean {
  if (job.data.set === "v2-clean") return false;
  const { from } = job;
  const before = typeof from === "object" ? jobs.find(({ name }) => name === from.job) : undefined;
  return before === undefined || needsNoList(before, jobs);
}

/** The networks that a program needs, or those that `--only` trains. */
function networksOf(
  { config, options }: EnsembleContext,
  last: string,
  { extra }: EnsembleNeeds,
): readonly string[] {
  const { only } = options;
  if (only === undefined)
    return [...config.members.map(({ job }) => job), ...extra.flatMap(({ jobs }) => jobs)];
  if (last !== "train") throw new UserError(`--only: expected it with train, got it with ${last}`);
  requireJobs("--only", config, only);
  return only;
}

/** Embeds all splits with the members, and the asked ones with the other networks. */
async function predictAll(
  context: EnsembleContext,
  { v2 }: EnsembleData,
  trained: TrainedJobs,
  extra: readonly ExtraNetworks[],
): Promise<Predictions> {
  const { config } = context;
  const wanted = new Map<string, readonly Split[]>(
    extra.flatMap(({ jobs, splits }) => jobs.map((job) => [job, splits] as const)),
  );
  for (const { job } of config.members) wanted.set(job, splits);
  const predictions = new Map<string, Partial<Record<Split, CompletedStage>>>();
  for (const [name, ofJob] of wanted) {
    const stages: Partial<Record<Split, CompletedStage>> = {};
    for (const split of ofJob) {
      stages[split] = await predict(context, {
        name: `predict/${name}/${split}`,
        job: jobOf(config, name),
        trained: trained.get(name)!,
        prepared: v2,
        split,
        extraction: config.extraction,
      });
    }
    predictions.set(name, stages);
  }
  return predictions;
}
