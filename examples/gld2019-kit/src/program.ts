import {
  addEnsembleRunOptions,
  initFileOf,
  requireInitFiles,
  UserError,
  wholeNumber,
} from "@lmk-example/kit";
import type { Command } from "commander";
import type { EnsembleConfig, Job, Member } from "./config.ts";
import { type EnsembleOptions, jobsBehind, requireJobs } from "./context.ts";
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
  const members = membersOf(preset, options);
  requireInits(preset, options);
  const { imagesPerPart } = options;
  return {
    ...preset,
    seed: options.seed ?? preset.seed,
    members,
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

/** Refuses files of `--init` that no network begins with, before hours are spent on what comes first. */
function requireInits(config: EnsembleConfig, options: EnsembleOptions): void {
  const { preset, members, init } = options;
  const names = members ?? config.jobs.map(({ name }) => name);
  const begun = jobsBehind(config, names).filter(({ from }) => from === "imagenet");
  if (begun.length === 0 && init !== undefined) {
    throw new UserError(
      `--init: expected none, for no network of preset ${preset} begins with the weights of a file, got ${Object.values(init).join(", ")}; leave it out, or choose another preset`,
    );
  }
  const backbones = (jobs: readonly Job[]): string[] => jobs.map(({ network }) => network.backbone);
  requireInitFiles({ of: "backbone", known: backbones(config.jobs), used: backbones(begun) }, init);
  // A network that is used as it is has no weights but those of `--init`.
  if (begun.some(({ epochs, network }) => epochs === 0 && !initFileOf(options, network.backbone))) {
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
