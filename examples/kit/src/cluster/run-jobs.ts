import { openProcessGroup, type ProcessGroupOptions } from "./process-group.ts";

/** A part of some work that a process of its own does. */
export interface ProcessJob {
  /** Different from the others'. */
  readonly name: string;
  /** Names of jobs that must be done before; others than those that are run count as done. */
  readonly after: readonly string[];
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** Options of {@link runJobs}. */
export interface RunJobsOptions extends ProcessGroupOptions {
  /** Most processes at once. */
  readonly atOnce: number;
}

/**
 * Runs jobs in processes of this machine, several at once: the first in the list whose turn has come.
 *
 * Ctrl-C and SIGTERM are passed on. When a process fails the others are stopped, and no more are started; what they
 * finished stays, so the same command goes on from there.
 *
 * @throws {UserError} naming the process that failed first and the last line it wrote on standard error.
 * @throws {InterruptedError} when all ended after a signal to this process.
 */
export async function runJobs(
  jobs: readonly ProcessJob[],
  { atOnce, ...options }: RunJobsOptions,
): Promise<void> {
  const group = openProcessGroup(options);
  const left = new Set(jobs);
  const unfinished = new Set(jobs.map(({ name }) => name));
  const running = new Set<Promise<void>>();
  while (unfinished.size > 0 && !group.isStopping()) {
    for (const job of left) {
      if (running.size >= atOnce) break;
      if (job.after.some((name) => unfinished.has(name))) continue;
      left.delete(job);
      const run = group.run(job.name, job.command).then(() => {
        unfinished.delete(job.name);
        running.delete(run);
      });
      running.add(run);
    }
    if (running.size === 0) {
      group.close();
      throw new RangeError(
        `runJobs: expected jobs that can be put in order, got ${[...unfinished].join(", ")} waiting for each other`,
      );
    }
    await Promise.race(running);
  }
  await Promise.all(running);
  group.close();
}
