import { existsSync } from "node:fs";
import { UserError } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { publishedRuns } from "./published-runs.ts";
import type { SystemOptions } from "./system.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The files of `--init` by backbone; the name of a file that is given without one is `*`. */
type InitFiles = NonNullable<SystemOptions["init"]>;

/** The backbones of the published runs, as `MODEL.NAME` names them. */
export const backboneNames: readonly string[] = [...new Set(publishedRuns.map(({ backbone }) => backbone))];

/** The file that `--init` names for the backbone of a config. */
export function initFileOf(
  { init }: Pick<SystemOptions, "init">,
  { MODEL }: Pick<YmlConfig, "MODEL">,
): string | undefined {
  return init?.[MODEL.NAME] ?? init?.["*"];
}

/** Refuses files of `--init` that are not there or of no backbone, before hours are spent on what comes first. */
export function requireInitFiles({ chains }: Pick<Config, "chains">, init: InitFiles = {}): void {
  for (const [name, file] of Object.entries(init)) {
    if (name !== "*" && !backboneNames.includes(name)) {
      throw new UserError(
        `--init: expected one of ${backboneNames.join(", ")} before =, got ${name}; correct it`,
      );
    }
    if (!existsSync(file)) {
      throw new UserError(`--init: expected a file of weights, got no ${file}; correct the path`);
    }
  }
  if ("*" in init && chains.length > 1) {
    const each = backboneNames.map((name) => `${name}=FILE`).join(", ");
    throw new UserError(
      `--init: expected a file for each backbone (${each}), got one for all; name its backbone, or choose one network by --members`,
    );
  }
}
