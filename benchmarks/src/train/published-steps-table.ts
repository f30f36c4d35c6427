import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { PublishedNetwork } from "./published-networks.ts";

/** A step that was taken. */
export interface PublishedStep extends Omit<PublishedNetwork, "training"> {
  readonly commit: string;
  /** Of the whole command, with compiling. */
  readonly seconds: number;
  /** The most resident bytes. */
  readonly peak: number;
  readonly loss: number;
}

/** A result of the benchmark of published networks. */
export type PublishedStepsReport = Report<readonly PublishedStep[]>;

/** The table of a result, as Markdown. */
export function publishedStepsTable({ date, machine, results, failures }: PublishedStepsReport): string {
  return table(
    `${date}, ${machine.cores} cores of ${machine.cpu}.`,
    ["network", "pixels", "classes", "images", "the command", "memory", "loss", "commit"],
    results.map(({ name, side, classes, images, seconds, peak, loss, commit }) => [
      name,
      `${side} × ${side}`,
      classes.toLocaleString("en-US"),
      String(images),
      `${seconds.toFixed(0)} s`,
      `${(peak / 1e9).toFixed(1)} GB`,
      loss.toPrecision(4),
      commit.slice(0, 9),
    ]),
    [
      `Random weights, ${(machine.memoryBytes / 1e9).toFixed(0)} GB of memory. A command reads its lists, compiles the network, takes one step and writes a checkpoint and weights. Two images where batch norm stands behind pooling, which refuses one, as in PyTorch.`,
      ...failures.map((failure) => `Not taken: ${failure.split("\n", 1)[0]}`),
    ].join(" "),
  );
}
