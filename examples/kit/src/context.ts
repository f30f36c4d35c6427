import { createProgressBar } from "@lmk/train/progress";
import type { RunOptions } from "./command-line.ts";
import { openRunFolder, type RunFolder, type StageEvent } from "./run-folder.ts";

/** What every stage works with. */
export interface Context<Config, Options extends RunOptions = RunOptions> {
  readonly run: RunFolder;
  readonly config: Config;
  readonly options: Options;
  /** Shows how far a stage is. */
  readonly progress: (label: string, total: number, unit?: string, done?: number) => Progress;
  /** Shows a line of its own. */
  readonly notice: (line: string) => void;
}

/** A bar that shows how far something is. */
export interface Progress {
  readonly update: (done: number, note?: string) => void;
  readonly stop: () => void;
}

/** Opens the folder of a run; what its stages do is shown line by line. */
export function createContext<Config, Options extends RunOptions>(
  folder: string,
  config: Config,
  options: Options,
): Context<Config, Options> {
  const { sharing, mergeOnly } = options;
  const run = {
    ...openRunFolder(folder, showStage),
    ...(sharing === undefined ? {} : { sharing }),
    ...(mergeOnly === undefined ? {} : { mergeOnly }),
  };
  return {
    run,
    config,
    options,
    progress: showProgress,
    notice: (line) => say(`  ${line}`),
  };
}

/** Shows how far something is. */
export function showProgress(label: string, total: number, unit = "images", done = 0): Progress {
  return createProgressBar({ label: `  ${label}`, total, unit, done });
}

/** Shows what becomes of a stage. */
export function showStage(name: string, event: StageEvent): void {
  say(`${name}${stageNote(event)}`);
}

function stageNote(event: StageEvent): string {
  switch (event.kind) {
    case "begin":
      return "";
    case "resume":
      return ": goes on where it stopped";
    case "skip":
      return ": complete";
    case "shared":
      return `: this shard's ${event.made} of ${event.parts} parts are there`;
    case "done":
      return `: done in ${event.seconds.toFixed(1)} s`;
  }
}

/** Shows a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Where networks run: what `@lmk/compile` is told. */
export function engineSettings({ options }: Pick<Context<unknown>, "options">): {
  provider: "cpu" | "webgpu";
  threads: number;
} {
  return { provider: options.provider, threads: options.threads };
}
