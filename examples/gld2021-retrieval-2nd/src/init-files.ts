import { type InitFiles, requireInitFiles } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { publishedRuns } from "./published-runs.ts";

/** The backbones of the published runs, as `MODEL.NAME` names them. */
export const backboneNames: readonly string[] = [...new Set(publishedRuns.map(({ backbone }) => backbone))];

/** Refuses files of `--init` that are not there or of no backbone, before hours are spent on what comes first. */
export function requireInits({ chains, runs }: Pick<Config, "chains" | "runs">, init?: InitFiles): void {
  const used = chains.flatMap((chain) => chain.runs.map(({ name }) => runs[name]!.MODEL.NAME));
  requireInitFiles({ of: "backbone", known: backboneNames, used }, init);
}
