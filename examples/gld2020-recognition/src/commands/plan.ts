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
import { chains } from "../chains.ts";
import { type PlannedRun, runsOf } from "../runs.ts";
import { type Chain, type EnetType, enetTypes, type MemberName, memberNames } from "../train-run.ts";
import { weightsName } from "../weights-name.ts";

/** Options of {@link planLines}. */
export interface PlanOptions extends KitPlanOptions {
  readonly dataDir: string;
  readonly modelDir: string;
  /** Files with weights learned on ImageNet, for the runs that begin with such. */
  readonly init?: Readonly<Partial<Record<EnetType, string>>>;
}

/** How a batch is shared: its images are `devices * accumulate * batchSize`. */
export interface BatchShares {
  readonly devices: number;
  /** Parts of a device's images, one after another, whose gradients are summed. */
  readonly accumulate: number;
  /** Images of a part. */
  readonly batchSize: number;
}

/** Shares a batch evenly among as many devices, and in as few parts, as it can be. */
export function shareBatch(
  images: number,
  { devices: most, mostImages = images }: Pick<PlanOptions, "devices" | "mostImages">,
): BatchShares {
  const devices = largestDivisor(images, most);
  const batchSize = largestDivisor(images / devices, mostImages);
  return { devices, accumulate: images / devices / batchSize, batchSize };
}

/** The commands that train the chains, one a line and in order; what chains share is trained once. */
export function planLines(planned: readonly Chain[], options: PlanOptions): readonly string[] {
  return runsOf(planned).map((run) => shellCommand(wordsOf(run, options)));
}

/** Prints the commands of chains. */
export const planCommand: Command = addPlanOptions(new Command("plan"))
  .description("print the commands that train the published networks, with the published batches")
  .option(
    "--member <names>",
    `networks, such as b7 or b6,b6b (default: ${memberNames.join(",")})`,
    nameList(memberNames),
  )
  .option(
    "--init <network=file>",
    "weights learned on ImageNet, which step 0 begins with; once for each network",
    namedFile({
      isKnown: (name): name is EnetType => enetTypes.some((known) => known === name),
      names: enetTypes,
      example: "nest101=resnest101.pth",
    }),
  )
  .option("--data-dir <dir>", "train.csv with all images, and train/", "./data")
  .option("--model-dir <dir>", "where weights are kept", "./weights")
  .allowExcessArguments(false)
  .action(({ member = memberNames, ...options }: PlanOptions & { member?: readonly MemberName[] }) => {
    const wanted = chains.filter(({ name }) => member.includes(name));
    for (const line of planLines(wanted, options)) say(line);
  });

function wordsOf(run: PlannedRun, options: PlanOptions): readonly string[] {
  const { dataDir, modelDir, provider = "cpu" } = options;
  const { kernelType, trainStep, enetType, fold, imageSize, initLr, epochs, stopAtEpoch, keepEpochs } = run;
  const { devices, accumulate, batchSize } = shareBatch(run.batchSize * run.devices, options);
  const { loadFrom } = run;
  const file = options.init?.[enetType];
  const init = file === undefined ? [] : ["--init", file];
  return [
    ...trainWords("gld2020-recognition", devices),
    ...["--kernel-type", kernelType],
    ...["--data-dir", dataDir],
    ...["--model-dir", modelDir],
    ...["--train-step", `${trainStep}`],
    ...["--enet-type", enetType],
    ...["--fold", `${fold}`],
    ...["--image-size", `${imageSize}`],
    ...["--batch-size", `${batchSize}`],
    ...(accumulate > 1 ? ["--accumulate", `${accumulate}`] : []),
    ...["--init-lr", `${initLr}`],
    ...["--n-epochs", `${epochs}`],
    ...(stopAtEpoch === undefined ? [] : ["--stop-at-epoch", `${stopAtEpoch}`]),
    ...(keepEpochs.length > 0 ? ["--keep-epochs", keepEpochs.join(",")] : []),
    ...(provider === "cpu" ? [] : ["--provider", provider]),
    ...(loadFrom === undefined
      ? init
      : [
          "--load-from",
          join(modelDir, weightsName({ kernelType: loadFrom.kernelType, fold }, loadFrom.epoch)),
        ]),
  ];
}
