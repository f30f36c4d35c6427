import { type RunOptions, runProgram, systemProgram } from "@lmk-example/kit";
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

const program = systemProgram<Config, RunOptions>({
  name: "template",
  description: "A retrieval system to begin a new one with.",
  folder: "template",
  stages,
  presets: Object.keys(presets),
  configOf,
  runUpTo,
});

process.exitCode = await runProgram(program, process.argv.slice(2));
