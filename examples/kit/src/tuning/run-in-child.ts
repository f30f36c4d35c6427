import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "../run-folder.ts";
import { InterruptedError, UserError } from "../user-error.ts";
import type { TuningScores } from "./results-file.ts";
import type { RunCandidate, TuningJob } from "./run-tuning.ts";

/** The files of a candidate's process, in the candidate's folder. */
export interface CandidateFiles {
  /** Holds the candidate, as JSON. */
  readonly candidate: string;
  /** Where the process writes what it reached, as JSON. */
  readonly scores: string;
}

/** How to start a candidate's process. */
export interface ChildOptions {
  /** Arguments of Node, such as the program, its command and the two files. */
  readonly argumentsOf: (files: CandidateFiles, job: TuningJob) => readonly string[];
  /** The environment, such as one that shows it only the worker's device. */
  readonly environmentOf?: (job: TuningJob) => NodeJS.ProcessEnv;
}

/**
 * Runs each candidate in a Node process of its own, as the authors do.
 *
 * What the process prints goes to `log.txt` in the candidate's folder. It ends with this process.
 */
export function runInChild({ argumentsOf, environmentOf }: ChildOptions): RunCandidate {
  return async (job) => {
    mkdirSync(job.folder, { recursive: true });
    const files = { candidate: join(job.folder, "candidate.json"), scores: join(job.folder, "scores.json") };
    writeJson(files.candidate, job.candidate);
    rmSync(files.scores, { force: true });
    const log = join(job.folder, "log.txt");
    const ended = await run(argumentsOf(files, job), log, environmentOf?.(job));
    if (ended !== "code 0") {
      const lines = readFileSync(log, "utf8").trim().split("\n");
      // An error that Node reports itself stands above its stack.
      const line = lines.findLast((one) => /^\w*Error\b/.test(one)) ?? lines.at(-1)!;
      throw new UserError(`its process ended with ${ended}: ${line} (see ${log})`);
    }
    const scores = readJson<TuningScores>(files.scores);
    if (scores === undefined) throw new UserError(`its process wrote no ${files.scores}; see ${log}`);
    return scores;
  };
}

/** What a stopped process exits with, as shells number it. */
const exitCodes: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Runs Node to its end, and gives how it ended: "code 0", "signal SIGKILL". */
function run(args: readonly string[], log: string, env: NodeJS.ProcessEnv | undefined): Promise<string> {
  const output = openSync(log, "w");
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ["ignore", output, output],
    ...(env === undefined ? {} : { env }),
  });
  closeSync(output);
  let interruption: InterruptedError | undefined;
  const end = (): void => void child.kill();
  const stop = (signal: NodeJS.Signals): void => {
    interruption = new InterruptedError(
      `stopped by ${signal}; the results so far are kept`,
      exitCodes[signal]!,
    );
    child.kill(signal);
  };
  process.once("exit", end).once("SIGINT", stop).once("SIGTERM", stop);
  return new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (interruption !== undefined) reject(interruption);
      else resolve(signal === null ? `code ${code}` : `signal ${signal}`);
    });
  }).finally(() => process.off("exit", end).off("SIGINT", stop).off("SIGTERM", stop));
}
