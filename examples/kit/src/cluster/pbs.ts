import { type BatchScheduler, clockTime, type Job, jobScript } from "./job.ts";

/** PBS Pro and OpenPBS: `qsub`, `-J` arrays, `afterok`. */
export const pbs: BatchScheduler = {
  title: "PBS",
  program: "qsub",
  script: (job) => jobScript(job, "#PBS", directives(job)),
  submitArguments: (script, after) => [
    ...(after === undefined ? [] : ["-W", `depend=afterok:${after}`]),
    script,
  ],
  idOf: (output) => /^\d+(?:\[\])?(?:\.\S+)?$/m.exec(output)?.[0],
};

function directives({ name, tasks, cpus, memory, hours, gpus, extra }: Job): string[] {
  let chunk = `-l select=1:ncpus=${cpus}`;
  if (memory !== undefined) chunk += `:mem=${memory.toLowerCase()}b`;
  if (gpus > 0) chunk += `:ngpus=${gpus}`;
  const lines = [`-N ${name}`, "-S /bin/bash", "-j oe", chunk, `-l walltime=${clockTime(hours)}`];
  if (tasks !== undefined && tasks > 1) lines.push(`-J 0-${tasks - 1}`);
  return [...lines, ...extra];
}
