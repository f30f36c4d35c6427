import { join, resolve } from "node:path";
import {
  createContext,
  downloadData,
  type ExampleProgram,
  type RunOptions,
  runProgram,
  say,
} from "@lmk-example/kit";
import { type Config, type PresetName, presets } from "./config.ts";
import { runUpTo, stages } from "./system.ts";

/** The preset with what the command line changes. */
function configOf({ preset, seed, epochs, batchSize }: RunOptions): Config {
  const config = presets[preset as PresetName];
  const { training } = config;
  return {
    ...config,
    seed: seed ?? config.seed,
    training: {
      ...training,
      epochs: epochs ?? training.epochs,
      batchSize: batchSize ?? training.batchSize,
    },
  };
}

/** Where a run is kept. */
function runFolderOf({ run, preset }: RunOptions): string {
  return resolve(run ?? join("runs", `template-${preset}`));
}

const program: ExampleProgram = {
  name: "template",
  description: "A retrieval system to begin a new one with.",
  stages,
  presets: Object.keys(presets),
  runFolderOf,
  async runUpTo(stage, options) {
    if (!(await downloadData(options, say))) return;
    await runUpTo(stage, createContext(runFolderOf(options), configOf(options), options));
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
