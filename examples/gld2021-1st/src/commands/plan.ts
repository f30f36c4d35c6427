import { nameList, say, shellCommand, wholeNumber } from "@lmk-example/kit";
import { Command, Option } from "commander";
import { type MemberName, memberNames } from "../ensembles.ts";
import { initOption } from "../init-option.ts";
import { type BackboneName, backbonesOf } from "../pretrained.ts";
import { type RecipeStep, recipes } from "../recipes.ts";

/** Options of {@link planLines}. */
export interface PlanOptions {
  /** Devices that there are; a step takes as many of them as divide those of its recipe. */
  readonly devices: number;
  /** Images that a device holds at once; more of them come one part after another. */
  readonly mostImages?: number;
  readonly dataDir: string;
  readonly outputDir: string;
  /** Where networks run; "cuda" gives each process a device of its own. */
  readonly provider?: "cpu" | "cuda";
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
export const planCommand: Command = new Command("plan")
  .description("print the commands that train the published networks, with the published batches")
  .option(
    "--members <names>",
    `networks, such as dolg-b5,swin-b6 (default: ${memberNames.join(",")})`,
    nameList(memberNames),
  )
  .option("--devices <n>", "processes to train in, at most", wholeNumber(1), 8)
  .option(
    "--most-images <n>",
    "images that a process holds at once; a larger share comes in parts, and batch norm then sees a part",
    wholeNumber(1),
  )
  .option("--init <backbone=file>", "weights learned on ImageNet; once for each backbone", initOption)
  .addOption(new Option("--provider <name>", "where networks run").choices(["cpu", "cuda"]).default("cpu"))
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
    ...(processes > 1 ? ["mpirun", "-n", `${processes}`] : []),
    ...["node", "--import", "tsx", "examples/gld2021-1st/src/main.ts", "train"],
    ...["--config", config.name],
    ...["--data-dir", dataDir],
    ...["--output-dir", outputDir],
    ...(parts > 1 ? ["--parts", `${parts}`] : []),
    ...(provider === "cpu" ? [] : ["--provider", provider]),
    ...files,
  ];
}

/** The largest divisor of a number that is not above `most`. */
function largestDivisor(value: number, most: number): number {
  let divisor = Math.min(value, most);
  while (value % divisor !== 0) divisor -= 1;
  return divisor;
}
