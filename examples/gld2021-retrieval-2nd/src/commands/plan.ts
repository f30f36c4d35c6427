import { join } from "node:path";
import {
  addPlanOptions,
  type PlanOptions as KitPlanOptions,
  largestDivisor,
  namedFile,
  nameList,
  say,
  shellCommand,
  trainWords,
} from "@lmk-example/kit";
import { Command } from "commander";
import { type Chain, type ChainRun, chains, type NetworkName, networkNames } from "../chains.ts";
import { configs } from "../configs.ts";
import { submittedSettings } from "../inference-settings.ts";
import { backboneNames } from "../init-files.ts";
import { checkpointName, outputDir } from "../output-dir.ts";
import type { RunName } from "../published-runs.ts";
import { devicesOf } from "../sampler.ts";
import type { YmlConfig } from "../yml-config.ts";

/** Options of {@link planLines}. */
export interface PlanOptions extends KitPlanOptions {
  readonly cache: string;
  readonly root?: string;
  /** Where `retrieve` looks for weights. */
  readonly modelDir: string;
  /** Files with weights learned on ImageNet by backbone; the paths of the authors' yml files where there is none. */
  readonly init?: Readonly<Record<string, string>>;
}

/** The commands that train chains, one a line and in order; weights of published runs are put where `retrieve` finds them. */
export function planLines(planned: readonly Chain[], options: PlanOptions): readonly string[] {
  return planned.flatMap(({ network, runs, published }) =>
    runs.flatMap((run) => [
      shellCommand(wordsOf(run, options)),
      ...(run.name === published ? [shellCommand(copyOf(network, published, options))] : []),
    ]),
  );
}

/** Prints the commands of chains. */
export const planCommand: Command = addPlanOptions(new Command("plan"))
  .description("print the commands that train the published networks, with the published batches")
  .option(
    "--network <names>",
    `networks, such as R50 or SER101ibn,RXt101ibn (default: ${networkNames.join(",")})`,
    nameList(networkNames),
  )
  .option(
    "--init <backbone=file>",
    "weights learned on ImageNet, which first runs begin with; once for each backbone",
    namedFile({
      isKnown: (name): name is string => backboneNames.includes(name),
      names: backboneNames,
      example: "resnest101=resnest101.pth",
    }),
  )
  .option("--cache <dir>", "where generate-list wrote the lists", "./cache")
  .option("--root <dir>", "Google Landmarks v2, where the lists have paths of another machine")
  .option("--model-dir <dir>", "where retrieve looks for weights", "./models")
  .allowExcessArguments(false)
  .action(({ network = networkNames, ...options }: PlanOptions & { network?: readonly NetworkName[] }) => {
    const wanted = networkNames.filter((name) => network.includes(name)).map((name) => chains[name]);
    for (const line of planLines(wanted, options)) say(line);
  });

function wordsOf({ name, from }: ChainRun, options: PlanOptions): readonly string[] {
  const { cache, root, provider = "cpu" } = options;
  const config = configs[name];
  const devices = largestDivisor(devicesOf(config), options.devices);
  const { IMS_PER_BATCH } = config.SOLVER;
  const parts = IMS_PER_BATCH / largestDivisor(IMS_PER_BATCH, options.mostImages ?? IMS_PER_BATCH);
  const init = options.init?.[config.MODEL.NAME];
  const start = from === undefined ? init : weightsAfter(configs[from.run], from.epoch);
  return [
    ...trainWords("gld2021-retrieval-2nd", devices),
    ...["--config-file", name],
    ...["--cache", cache],
    ...(root === undefined ? [] : ["--root", root]),
    ...(parts > 1 ? ["--parts", `${parts}`] : []),
    ...(provider === "cpu" ? [] : ["--provider", provider]),
    ...(start === undefined ? [] : ["MODEL.PRETRAIN_PATH", start]),
  ];
}

/** Puts the last weights of a run where `retrieve` finds them, by the name of the authors' file. */
function copyOf(
  network: NetworkName,
  published: RunName,
  { modelDir }: Pick<PlanOptions, "modelDir">,
): readonly string[] {
  const config = configs[published];
  const { MODEL_NAME } = submittedSettings.MODEL_PARAMS[network]!;
  const to = join(modelDir, MODEL_NAME.replace(/\.pth$/, ".safetensors"));
  return ["install", "-D", weightsAfter(config, config.SOLVER.MAX_EPOCHS), to];
}

/** The file of a run's weights after an epoch. */
function weightsAfter(config: YmlConfig, epoch: number): string {
  return join(outputDir(config), `${checkpointName(config, epoch)}.safetensors`);
}
