import {
  addPlanOptions,
  type PlanOptions as KitPlanOptions,
  largestDivisor,
  nameList,
  say,
  shellCommand,
  trainWords,
} from "@lmk-example/kit";
import { Command } from "commander";
import { type MemberName, memberNames } from "../ensembles.ts";
import { initOption } from "../init-option.ts";
import { type BackboneName, backbonesOf } from "../pretrained.ts";
import { type RecipeStep, recipes } from "../recipes.ts";

/** Options of {@link planLines}. */
export interface PlanOptions extends KitPlanOptions {
  readonly dataDir: string;
  readonly outputDir: string;
  /** Files with weights learned on ImageNet. */
  readonly init?: Readonly<Partial<Record<BackboneName, string>>>;
}

/** The commands that train networks, one a line and in order: a step begins with what the one before wrote. */
export function planLines(members: readonly MemberName[], options: PlanOptions): readonly string[] {
  return recipes
    .filter(({ member }) => members.includes(member))
    .flatMap(({ steps }) => steps.map((step) => shellCommand(wordsOf(step, options))));
}

/** Prints the commands of networks. */
export const planCommand: Command = addPlanOptions(new Command("plan"))
  .description("print the commands that train the published networks, with the published batches")
  .option(
    "--members <names>",
    `networks, such as dolg-b5,swin-b6 (default: ${memberNames.join(",")})`,
    nameList(memberNames),
  )
  .option("--init <backbone=file>", "weights learned on ImageNet; once for each backbone", initOption)
  .option("--data-dir <dir>", "Google Landmarks v2", "./data")
  .option("--output-dir <dir>", "where weights are kept", "./models")
  .allowExcessArguments(false)
  .action(({ members = memberNames, ...options }: PlanOptions & { members?: readonly MemberName[] }) => {
    for (const line of planLines(members, options)) say(line);
  });

function wordsOf({ config, devices }: RecipeStep, options: PlanOptions): readonly string[] {
  const { dataDir, outputDir, provider = "cpu", init = {} } = options;
  const processes = largestDivisor(devices, options.devices);
  const { batch_size } = config;
  const parts = batch_size / largestDivisor(batch_size, options.mostImages ?? batch_size);
  const files = [...backbonesOf(config).keys()].flatMap((name) =>
    init[name] === undefined ? [] : ["--init", `${name}=${init[name]}`],
  );
  return [
    ...trainWords("gld2021-1st", processes),
    ...["--config", config.name],
    ...["--data-dir", dataDir],
    ...["--output-dir", outputDir],
    ...(parts > 1 ? ["--parts", `${parts}`] : []),
    ...(provider === "cpu" ? [] : ["--provider", provider]),
    ...files,
  ];
}
