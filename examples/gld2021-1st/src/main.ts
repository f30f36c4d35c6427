import {
  addEnsembleRunOptions,
  compareCommand,
  nameList,
  prepareStage,
  runProgram,
  systemProgram,
} from "@lmk-example/kit";
import type { Command } from "commander";
import { planCommand } from "./commands/plan.ts";
import { trainCommand } from "./commands/train.ts";
import { comparison } from "./compare.ts";
import type { Config } from "./config.ts";
import { memberNames } from "./ensembles.ts";
import { requireInits } from "./init-files.ts";
import { type PresetName, presets, withMembers } from "./presets.ts";
import { runUpTo } from "./run-up-to.ts";
import type { SystemOptions } from "./system.ts";

const stages = [
  prepareStage,
  { name: "lists", description: "choose the images of each train table" },
  { name: "stand-ins", description: "train what stands in for weights of ImageNet" },
  { name: "chains", description: "train the networks, step by step of their recipes" },
  { name: "embed", description: "embed test images, index and gallery with every network", shared: true },
  { name: "search", description: "find nearest neighbors", shared: true },
  { name: "retrieve", description: "rank the index for each test image by every method" },
  { name: "recognize", description: "name the landmark of each test image by every method" },
  { name: "evaluate", description: "score every method of both tasks" },
  { name: "submit", description: "write both submissions" },
  { name: "report", description: "write the HTML report" },
];

/** Gives a command the options of {@link SystemOptions}. */
function addSystemOptions(command: Command): Command {
  const members = { example: "dolg-b5,swin-b6", read: nameList(memberNames) };
  return addEnsembleRunOptions(command, members).option(
    "--backbones <names>",
    "of the stand-ins only these",
    (text: string) => text.split(","),
  );
}

/** The preset with what the command line changes. */
function configOf({ preset, seed, members, epochs, batchSize }: SystemOptions): Config {
  const config = presets[preset as PresetName];
  const chosen = members === undefined ? config : withMembers(config, members);
  return {
    ...chosen,
    seed: seed ?? config.seed,
    recipes: chosen.recipes.map(({ member, steps }) => ({
      member,
      steps: steps.map((step) => ({
        ...step,
        config: {
          ...step.config,
          ...(epochs === undefined
            ? {}
            : { epochs: Math.max(step.config.warmup + 1, epochs), stop_at: epochs }),
          ...(batchSize === undefined ? {} : { batch_size: batchSize, grad_accumulation: 1 }),
        },
        devices: batchSize === undefined ? step.devices : 1,
      })),
    })),
  };
}

const program = systemProgram<Config, SystemOptions>({
  name: "gld2021-1st",
  description: "The 1st place system of the Google Landmark Recognition and Retrieval challenges 2021.",
  folder: "gld2021-1st",
  stages,
  presets: Object.keys(presets),
  addOptions: addSystemOptions,
  commands: [trainCommand, planCommand, compareCommand(comparison)],
  configOf,
  requireInits,
  runUpTo,
});

process.exitCode = await runProgram(program, process.argv.slice(2));
