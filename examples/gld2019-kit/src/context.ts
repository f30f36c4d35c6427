import { type Context, type EnsembleRunOptions, type PreparedData, UserError } from "@lmk-example/kit";
import type { EnsembleConfig, Job, TrainingData } from "./config.ts";

/** What the command line of a 2019 system takes besides what every example takes. */
export interface EnsembleOptions extends EnsembleRunOptions {
  /** A Google Landmarks v1 tree. */
  readonly dataV1?: string;
  /** Images whose embeddings are saved together. */
  readonly imagesPerPart?: number;
  /** Names of the only jobs to train, besides those that they start from. */
  readonly only?: readonly string[];
  /** Weights of a local-feature network: ONNX, or ALIKE's checkpoint. */
  readonly localFeatures?: string;
}

export type EnsembleContext = Context<EnsembleConfig, EnsembleOptions>;

/** The two data sets; without a v1 of its own, v1 is the train set of v2 as it is. */
export interface EnsembleData {
  readonly v1: PreparedData;
  readonly v2: PreparedData;
}

/** The job of a name; the presets and the tables name only jobs that there are. */
export function jobOf({ jobs }: EnsembleConfig, name: string): Job {
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) {
    throw new RangeError(`expected a job of ${jobs.map((one) => one.name).join(", ")}, got ${name}`);
  }
  return job;
}

/** Refuses names of an option that no job has. */
export function requireJobs(option: string, { jobs }: EnsembleConfig, names: readonly string[]): void {
  const unknown = names.find((name) => !jobs.some((job) => job.name === name));
  if (unknown === undefined) return;
  const known = jobs.map(({ name }) => name).join(", ");
  throw new UserError(`${option}: expected networks of ${known}, got ${unknown}`);
}

/** The named jobs and those they start from, each behind the one it starts from. */
export function jobsBehind(config: EnsembleConfig, names: readonly string[]): readonly Job[] {
  const found = new Map<string, Job>();
  const add = (name: string): void => {
    const job = jobOf(config, name);
    if (typeof job.from === "object") add(job.from.job);
    found.set(name, job);
  };
  for (const name of names) add(name);
  return [...found.values()];
}

/** Whether any of the jobs needs a list that is made here. */
export function needsCleaning(jobs: readonly Job[]): boolean {
  return jobs.some(({ data }) => data.set === "v2-clean");
}

/** A clean list's name: its thresholds. */
export function listName({ minInliers, minVerified }: Extract<TrainingData, { set: "v2-clean" }>): string {
  return `clean-${minInliers}-${minVerified}`;
}
