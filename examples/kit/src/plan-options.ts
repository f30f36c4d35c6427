import { type Command, Option } from "commander";
import { wholeNumber } from "./whole-number.ts";

/** What every command `plan` takes. */
export interface PlanOptions {
  /** Devices that there are; a run takes as many of them as share its images evenly. */
  readonly devices: number;
  /** Images that a device holds at once; more of them come one part after another. */
  readonly mostImages?: number;
  /** Where networks run; "cuda" gives each process a device of its own. */
  readonly provider?: "cpu" | "cuda";
}

/** Gives a command the options of {@link PlanOptions}. */
export function addPlanOptions(command: Command): Command {
  return command
    .option("--devices <n>", "processes to train in, at most", wholeNumber(1), 8)
    .option(
      "--most-images <n>",
      "images that a process holds at once; a larger share comes in parts, and batch norm then sees a part",
      wholeNumber(1),
    )
    .addOption(new Option("--provider <name>", "where networks run").choices(["cpu", "cuda"]).default("cpu"));
}

/** The words before the options of an example's `train` that runs in so many processes. */
export function trainWords(example: string, processes: number): readonly string[] {
  return [
    ...(processes > 1 ? ["mpirun", "-n", `${processes}`] : []),
    ...["node", "--import", "tsx", `examples/${example}/src/main.ts`, "train"],
  ];
}

/** The largest divisor of a number that is not above `most`; both from 1. */
export function largestDivisor(value: number, most: number): number {
  let divisor = Math.min(value, most);
  while (value % divisor !== 0) divisor -= 1;
  return divisor;
}
