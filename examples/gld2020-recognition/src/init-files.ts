import { existsSync } from "node:fs";
import { UserError } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { SystemOptions } from "./system.ts";
import { type EnetType, enetTypes } from "./train-run.ts";

/** The files of `--init` by network; the name of a file that is given without one is `*`. */
type InitFiles = NonNullable<SystemOptions["init"]>;

/** The file that `--init` names for a network. */
export function initFileOf({ init }: Pick<SystemOptions, "init">, enetType: EnetType): string | undefined {
  return init?.[enetType] ?? init?.["*"];
}

/** Refuses files of `--init` that are not there or of no network, before hours are spent on what comes first. */
export function requireInitFiles({ chains }: Pick<Config, "chains">, init: InitFiles = {}): void {
  const trained = new Set(chains.flatMap(({ runs }) => runs.map(({ enetType }) => enetType)));
  for (const [name, file] of Object.entries(init)) {
    if (name !== "*" && !enetTypes.some((known) => known === name)) {
      throw new UserError(
        `--init: expected one of ${enetTypes.join(", ")} before =, got ${name}; correct it`,
      );
    }
    if (!existsSync(file)) {
      throw new UserError(`--init: expected a file of weights, got no ${file}; correct the path`);
    }
  }
  if ("*" in init && trained.size > 1) {
    const each = [...trained].map((name) => `${name}=FILE`).join(", ");
    throw new UserError(
      `--init: expected a file for each network (${each}), got one for all; name its network, or choose one by --members`,
    );
  }
}
