import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { PublishedNetwork } from "./published-networks.ts";

/** A step that was taken. */
export interface PublishedStep extends Omit<PublishedNetwork, "training"> {
  /** Of the whole command, with compiling. */
  readonly seconds: number;
  /** The most resident bytes. */
  readonly peak: number;
  readonly loss: number;
}

/** A result of the benchmark of published networks. */
export type PublishedStepsReport = Report<readonly PublishedStep[]>;

/** The table of a result, as Markdown. */
export function publishedStepsTable({ date, machine, commit, results }: PublishedStepsReport): string {
  return table(
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}.`,
    ["network", "pixels", "classes", "images", "the command", "memory", "loss"],
    results.map(({ name, side, classes, images, seconds, peak, loss }) => [
      name,
      `${side} × ${side}`,
      classes.toLocaleString("en-US"),
      String(images),
      `${seconds.toFixed(0)} s`,
      `${(peak / 1e9).toFixed(1)} GB`,
      loss.toPrecision(4),
    ]),
    "Random weights. A command reads its lists, compiles the network, takes one step and writes a checkpoint and weights.",
  );
}
