import { type InitFiles, requireInitFiles } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { enetTypes } from "./train-run.ts";

/** Refuses files of `--init` that are not there or of no network, before hours are spent on what comes first. */
export function requireInits({ chains }: Pick<Config, "chains">, init?: InitFiles): void {
  const used = chains.flatMap(({ runs }) => runs.map(({ enetType }) => enetType));
  requireInitFiles({ of: "network", known: enetTypes, used }, init);
}
