import { existsSync } from "node:fs";
import { join } from "node:path";
import { runJobs } from "./cluster/run-jobs.ts";
import type { RunOptions } from "./command-line.ts";
import { type Context, say } from "./context.ts";

/** A training that a process of its own can do. */
export interface Training {
  /** Its stage: when that is complete, nothing is started. */
  readonly name: string;
  /** Stages of other trainings that it begins with. */
  readonly after: readonly string[];
  /** The stage to run, and options that leave this training alone. */
  readonly stage: string;
  readonly options: readonly string[];
}

/** How the networks of a system are trained. */
export interface TrainingsConfig {
  readonly checkpointEverySteps: number;
  /** Whether as many networks are trained at once as there are threads, where the command line does not say how many. */
  readonly oneThreadEach: boolean;
}

/** Networks that are trained at once. */
export function trainingsAtOnce({
  config,
  options,
}: Pick<Context<{ readonly training: TrainingsConfig }, RunOptions>, "config" | "options">): number {
  return options.trainings ?? (config.training.oneThreadEach ? options.threads : 1);
}

/** Puts what takes longest first: at the end no thread waits for it. What takes as long stays in its order. */
export function longestFirst<T>(items: readonly T[], costOf: (item: T) => number): readonly T[] {
  return items
    .map((item) => ({ item, cost: costOf(item) }))
    .sort((a, b) => b.cost - a.cost)
    .map(({ item }) => item);
}

/**
 * Does trainings in processes of their own, so many at once, which share the threads among them. Small networks gain
 * little from a second thread, and two of them trained at once gain much. Nothing is done where one is asked for, where
 * one has to wait for the other, or in the process of a shard.
 */
export async function runTrainings(
  { options, run }: Pick<Context<unknown>, "options" | "run">,
  trainings: readonly Training[],
  atOnce: number,
): Promise<void> {
  const { commandOf, threads, sharing, mergeOnly } = options;
  if (atOnce < 2 || commandOf === undefined || sharing !== undefined || mergeOnly) return;
  const left = trainings.filter(({ name }) => !existsSync(join(run.path, name, "done.json")));
  const names = new Set(left.map(({ name }) => name));
  const ready = left.filter(({ after }) => !after.some((name) => names.has(name)));
  if (ready.length < 2) return;
  const own = ["--trainings", "1", "--threads", `${Math.max(1, Math.floor(threads / atOnce))}`];
  await runJobs(
    left.map(({ name, after, stage, options }) => ({
      name,
      after,
      command: commandOf(stage, [...options, ...own]),
    })),
    {
      atOnce,
      env: process.env,
      onLine: (line) => {
        if (!line.endsWith(": complete")) say(line);
      },
    },
  );
}
