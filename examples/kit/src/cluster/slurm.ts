import { type BatchScheduler, clockTime, type Job, jobScript } from "./job.ts";

/** Slurm: `sbatch`, job arrays, `afterok`. A job whose work failed never merges: it is cancelled. */
export const slurm: BatchScheduler = {
  title: "Slurm",
  program: "sbatch",
  script: (job) => jobScript(job, "#SBATCH", directives(job)),
  submitArguments: (script, after) => [
    "--parsable",
    ...(after === undefined ? [] : [`--dependency=afterok:${after}`, "--kill-on-invalid-dep=yes"]),
    script,
  ],
  idOf: (output) => /^(\d+)(?:;\S+)?$/m.exec(output)?.[1],
};

/** Logs have no path: they fall into the folder that the job is submitted from. */
function directives({ name, tasks, cpus, memory, hours, gpus, extra }: Job): string[] {
  const lines = [
    `--job-name=${name}`,
    `--output=${tasks === undefined ? "%x-%j.log" : "%x-%A_%a.log"}`,
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    `--time=${clockTime(hours)}`,
  ];
  if (memory !== undefined) lines.push(`--mem=${memory}`);
  if (gpus > 0) lines.push(`--gres=gpu:${gpus}`);
  if (tasks !== undefined) lines.push(`--array=0-${tasks - 1}`);
  return [...lines, ...extra];
}
