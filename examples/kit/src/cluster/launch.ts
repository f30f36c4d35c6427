import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../run-folder.ts";
import { oneLine, UserError } from "../user-error.ts";
import { gridEngine } from "./grid-engine.ts";
import { type BatchScheduler, type LaunchOptions, mergeJob, sharedJob, shellCommand } from "./job.ts";
import { kubernetesManifest } from "./kubernetes.ts";
import { pbs } from "./pbs.ts";
import { slurm } from "./slurm.ts";

const batchSchedulers = { slurm, pbs, "grid-engine": gridEngine } as const;

/** The schedulers that work can be given to. */
export const schedulerNames = ["slurm", "pbs", "grid-engine", "kubernetes"] as const;
/** One of {@link schedulerNames}. */
export type SchedulerName = (typeof schedulerNames)[number];

/** How a launch talks to the machine. */
export interface LaunchHost {
  /** Only shows what would be written and run. */
  readonly dryRun: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** What was submitted. */
export interface Launched {
  readonly shared: string;
  /** Absent where a scheduler cannot let one job wait for another. */
  readonly merge?: string;
}

/**
 * Gives a stage to a cluster: an array job whose tasks share the work, and a job after it that joins the parts. Scripts
 * and logs lie in `folder`.
 *
 * Launched again, tasks skip what is complete; so that is what to do after a failure.
 *
 * @returns The ids; `undefined` if `dryRun`.
 * @throws {UserError} on options that no scheduler would take, and when submitting fails.
 */
export async function launchJob(
  scheduler: SchedulerName,
  options: LaunchOptions,
  host: LaunchHost,
): Promise<Launched | undefined> {
  requireOptions(options);
  if (scheduler === "kubernetes") return launchKubernetes(options, host);
  return launchBatch(batchSchedulers[scheduler], options, host);
}

async function launchBatch(
  scheduler: BatchScheduler,
  options: LaunchOptions,
  host: LaunchHost,
): Promise<Launched | undefined> {
  const { name, folder } = options;
  const scripts = {
    [`${name}.sh`]: scheduler.script(sharedJob(options)),
    [`${name}-merge.sh`]: scheduler.script(mergeJob(options)),
  };
  const [sharedScript, mergeScript] = Object.keys(scripts) as [string, string];
  if (host.dryRun) {
    showFiles(folder, scripts, host);
    for (const args of [
      scheduler.submitArguments(sharedScript),
      scheduler.submitArguments(mergeScript, "ID"),
    ]) {
      host.say(`would run: ${shellCommand(["cd", folder])} && ${shellCommand([scheduler.program, ...args])}`);
    }
    return undefined;
  }
  writeFiles(folder, scripts);
  const shared = await submit(scheduler, scheduler.submitArguments(sharedScript), folder, host);
  host.say(`${name}: job ${shared}, ${options.tasks} tasks; logs in ${folder}`);
  try {
    const merge = await submit(scheduler, scheduler.submitArguments(mergeScript, shared), folder, host);
    host.say(`${name}-merge: job ${merge}, after job ${shared}`);
    return { shared, merge };
  } catch (error) {
    const command = shellCommand(options.mergeCommand);
    throw new UserError(
      `${oneLine(error)}; job ${shared} was submitted without it: run this when it is done: ${command}`,
    );
  }
}

async function submit(
  scheduler: BatchScheduler,
  args: readonly string[],
  folder: string,
  { env }: LaunchHost,
): Promise<string> {
  const output = await runProgram(scheduler.title, scheduler.program, args, folder, env);
  const id = scheduler.idOf(output);
  if (id !== undefined) return id;
  throw new UserError(`${scheduler.program}: expected the id of a job, got ${JSON.stringify(output.trim())}`);
}

async function launchKubernetes(options: LaunchOptions, host: LaunchHost): Promise<Launched | undefined> {
  const { name, folder, tasks } = options;
  const manifests = {
    [`${name}.yaml`]: kubernetesManifest(sharedJob(options), options),
    [`${name}-merge.yaml`]: kubernetesManifest(mergeJob(options), options),
  };
  const [shared, merge] = Object.keys(manifests).map((file) => join(folder, file)) as [string, string];
  const create = ["create", "-o", "name", "-f", shared];
  const afterwards = (id: string): string =>
    `${shellCommand(["kubectl", "wait", "--for=condition=complete", "--timeout=-1s", id])} && ${shellCommand(["kubectl", "create", "-f", merge])}`;
  if (host.dryRun) {
    showFiles(folder, manifests, host);
    host.say(`would run: ${shellCommand(["kubectl", ...create])}`);
    host.say(`then run: ${afterwards("ID")}`);
    return undefined;
  }
  writeFiles(folder, manifests);
  const id = (await runProgram("Kubernetes", "kubectl", create, folder, host.env)).trim();
  host.say(`${name}: ${id}, ${tasks} tasks`);
  host.say(`when it is complete, join the parts: ${afterwards(id)}`);
  return { shared: id };
}

function runProgram(
  title: string,
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const found = error.code === "ENOENT" ? "no such program" : error.message;
      reject(
        new UserError(
          `${program}: expected the command of ${title} on this machine, got ${found}; launch from a machine that submits to the cluster, or see with --dry-run what would be submitted`,
        ),
      );
    });
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new UserError(`${program}: refused the job: ${oneLine(errors) || `ended with ${code ?? signal}`}`),
        );
    });
  });
}

function showFiles(folder: string, files: Readonly<Record<string, string>>, { say }: LaunchHost): void {
  for (const [file, content] of Object.entries(files)) {
    say(`would write ${join(folder, file)}:`);
    for (const line of content.trimEnd().split("\n")) say(`  ${line}`);
  }
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeWhole(join(folder, file), content);
}

function requireOptions({ name, tasks, cpus, gpus, hours, memory, extra }: LaunchOptions): void {
  const refuse = (what: string, got: unknown): never => {
    throw new UserError(`launch: expected ${what}, got ${got}`);
  };
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    refuse("a name of at most 40 small letters, digits and dashes", name);
  }
  if (!Number.isInteger(tasks) || tasks < 1) refuse("at least 1 task, a whole number", tasks);
  if (!Number.isInteger(cpus) || cpus < 1) refuse("at least 1 core per task, a whole number", cpus);
  if (!Number.isInteger(gpus) || gpus < 0) refuse("a whole number of GPUs", gpus);
  if (!(hours > 0 && Number.isFinite(hours))) refuse("hours above 0", hours);
  if (memory !== undefined && !/^[1-9]\d*[MG]$/.test(memory)) refuse("memory such as 16G or 500M", memory);
  for (const line of extra) {
    if (/[\r\n]/.test(line)) refuse("extra directives of one line each", JSON.stringify(line));
  }
}
