/** What a scheduler is told of a job. */
interface JobSettings {
  /** Small letters, digits and dashes. */
  readonly name: string;
  /** Program and arguments of each task. */
  readonly command: readonly string[];
  /** Folder that tasks run in. */
  readonly workingFolder: string;
  /** Cores of each task. */
  readonly cpus: number;
  /** Memory of each task, such as `16G` or `500M`; the scheduler's default if absent. */
  readonly memory?: string;
  /** Time after which a task is ended, in hours. */
  readonly hours: number;
  /** GPUs of each task. */
  readonly gpus: number;
  /** Lines for the scheduler as they are, without the `#SBATCH`, `#PBS` or `#$` before them. */
  readonly extra: readonly string[];
}

/** What a launch asks of a scheduler; each task gets `--shard` behind its command. */
export interface LaunchOptions extends JobSettings {
  /** Program and arguments that join the parts when all tasks are done. */
  readonly mergeCommand: readonly string[];
  /** Number of tasks that share the work. */
  readonly tasks: number;
  /** Folder for the jobs' scripts and logs. */
  readonly folder: string;
  /** Container image (Kubernetes). */
  readonly image?: string;
  /** Volume claim with the program, the data and the run, and where it is mounted: `CLAIM:/PATH` (Kubernetes). */
  readonly volume?: string;
}

/** One job: the array of tasks that share the work, or the single one that joins it. */
export interface Job extends JobSettings {
  /** Number of tasks, for the array. */
  readonly tasks?: number;
}

/** A scheduler that takes jobs as shell scripts with directives. */
export interface BatchScheduler {
  /** For messages. */
  readonly title: string;
  /** Program that submits. */
  readonly program: string;
  /** The job's script. */
  readonly script: (job: Job) => string;
  /** Arguments of `program` for a script, to run after the job `after` if that is given. */
  readonly submitArguments: (script: string, after?: string) => string[];
  /** The job's id in what `program` wrote, in the form that `submitArguments` takes. */
  readonly idOf: (output: string) => string | undefined;
}

/** The job whose tasks share the work. One task alone is no array, which PBS would refuse. */
export function sharedJob(options: LaunchOptions): Job {
  const { command, tasks } = options;
  const shard = tasks === 1 ? "0/1" : `auto/${tasks}`;
  return { ...options, command: [...command, "--shard", shard] };
}

/** The job that joins the parts: one task, without GPUs. */
export function mergeJob({ tasks, ...options }: LaunchOptions): Job {
  return { ...options, name: `${options.name}-merge`, command: options.mergeCommand, gpus: 0 };
}

/** A shell script: directives, then the command in its folder. */
export function jobScript(
  { workingFolder, command }: Job,
  prefix: string,
  directives: readonly string[],
): string {
  const lines = [
    "#!/bin/bash",
    ...directives.map((directive) => `${prefix} ${directive}`),
    "set -euo pipefail",
    `cd ${shellWord(workingFolder)}`,
    `exec ${shellCommand(command)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Words as a shell takes them. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** One word as a shell takes it: in quotes if it holds anything that a shell might read. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** `18:00:00`. */
export function clockTime(hours: number): string {
  const seconds = Math.ceil(hours * 3600);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => `${part}`.padStart(2, "0")).join(":");
}
