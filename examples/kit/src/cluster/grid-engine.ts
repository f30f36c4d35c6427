import { type BatchScheduler, clockTime, type Job, jobScript } from "./job.ts";

/**
 * Grid Engine: `qsub`, `-t` arrays, `-hold_jid`, which waits for the end of the tasks whether they did well or not; the
 * merge then names what is missing.
 *
 * Parallel environment `smp` and resources `mem_free` and `gpu` are customs that a site may name otherwise; then leave
 * them at their defaults and pass the site's own lines.
 */
export const gridEngine: BatchScheduler = {
  title: "Grid Engine",
  program: "qsub",
  script: (job) => jobScript(job, "#$", directives(job)),
  submitArguments: (script, after) => [
    "-terse",
    ...(after === undefined ? [] : ["-hold_jid", after]),
    script,
  ],
  idOf: (output) => /^(\d+)(?:\.\S+)?$/m.exec(output)?.[1],
};

function directives({ name, tasks, cpus, memory, hours, gpus, extra }: Job): string[] {
  const lines = [`-N ${name}`, "-S /bin/bash", "-cwd", "-j y", `-l h_rt=${clockTime(hours)}`];
  if (cpus > 1) lines.push(`-pe smp ${cpus}`);
  if (memory !== undefined) lines.push(`-l mem_free=${memory}`);
  if (gpus > 0) lines.push(`-l gpu=${gpus}`);
  if (tasks !== undefined) lines.push(`-t 1-${tasks}`);
  return [...lines, ...extra];
}
