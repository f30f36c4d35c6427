import { addEnsembleRunOptions, UserError, wholeNumber } from "@lmk-example/kit";
import type { Command } from "commander";
import type { EnsembleConfig, Member } from "./config.ts";
import { type EnsembleOptions, requireJobs } from "./context.ts";
import { ensemblePresets, type PresetName } from "./presets.ts";

/** Gives a command the options of {@link EnsembleOptions}. */
export function addEnsembleOptions(command: Command): Command {
  const read = (text: string): readonly string[] => text.split(",");
  return addEnsembleRunOptions(command, { example: "v2clean or v20c,v21c", read })
    .option("--data-v1 <dir>", "a Google Landmarks v1 tree for the first trainings")
    .option("--local-features <file>", "verify images by this network: .onnx, or a checkpoint of ALIKE")
    .option(
      "--images-per-part <n>",
      "images that are embedded and saved together, the unit that processes share (default: 1024)",
      wholeNumber(1),
    )
    .option("--only <names>", "with train: train only these networks and those they start from", read);
}

/** The preset with what the command line changes. */
export function ensembleConfigOf(options: EnsembleOptions): EnsembleConfig {
  const preset = ensemblePresets[options.preset as PresetName];
  requireBackbones(preset, options);
  requireWeights(preset, options);
  const { imagesPerPart } = options;
  return {
    ...preset,
    seed: options.seed ?? preset.seed,
    members: membersOf(preset, options),
    extraction: { ...preset.extraction, ...(imagesPerPart === undefined ? {} : { imagesPerPart }) },
    jobs: preset.jobs.map((job) => ({
      ...job,
      batchSize: options.batchSize ?? job.batchSize,
      ...(options.epochs === undefined || job.epochs === 0 ? {} : withEpochs(job, options.epochs)),
    })),
  };
}

/** The networks that are asked for, with the preset's weights; one that is no member there has weight 1. */
function membersOf(preset: EnsembleConfig, { members: names }: EnsembleOptions): readonly Member[] {
  const { members } = preset;
  if (names === undefined) return members;
  requireJobs("--members", preset, names);
  return names.map((name) => members.find(({ job }) => job === name) ?? { job: name, weight: 1 });
}

/** Weights for a backbone that the preset does not have would be left aside without a word. */
function requireBackbones({ jobs }: EnsembleConfig, { preset, init = {} }: EnsembleOptions): void {
  const known = new Set(jobs.map(({ network }) => network.backbone));
  const unknown = Object.keys(init).find((name) => name !== "*" && !known.has(name as never));
  if (unknown === undefined) return;
  throw new UserError(
    `--init: expected a backbone of preset ${preset} (${[...known].join(", ")}), got ${unknown}; a file of this name is ./${unknown}=${init[unknown]}`,
  );
}

/** A network that is used as it is has no weights but those of `--init`. */
function requireWeights({ jobs }: EnsembleConfig, { preset, init }: EnsembleOptions): void {
  const used = jobs.filter(({ from, epochs }) => from === "imagenet" && epochs === 0);
  if (used.some(({ network }) => (init?.[network.backbone] ?? init?.["*"]) === undefined)) {
    throw new UserError(`preset ${preset} trains nothing: expected its weights by --init, got none`);
  }
}

/** Other epochs for a training; one that ends before its schedule does so still. */
function withEpochs(
  { stopAfterEpoch }: { readonly stopAfterEpoch?: number },
  epochs: number,
): { epochs: number; stopAfterEpoch?: number } {
  return stopAfterEpoch === undefined ? { epochs } : { epochs, stopAfterEpoch: Math.max(1, epochs - 1) };
}

/** Begins the name of the folder of a run, which the systems of 2019 share. */
export const runsFolder = "gld2019";
