import { existsSync } from "node:fs";
import { efficientnetVariants, swinVariants } from "@lmk/models";
import { UserError } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { type BackboneName, backbonesOf } from "./pretrained.ts";
import type { SystemOptions } from "./system.ts";

/** The file that `--init` names for a backbone. */
export function initFileOf({ init }: Pick<SystemOptions, "init">, name: BackboneName): string | undefined {
  return init?.[name] ?? init?.["*"];
}

/** Refuses files of `--init` that are not there or of no backbone, before hours are spent on what comes first. */
export function requireInitFiles(
  { recipes }: Pick<Config, "recipes">,
  init: SystemOptions["init"] = {},
): void {
  const used = new Set(
    recipes.flatMap(({ steps }) => steps.flatMap(({ config }) => [...backbonesOf(config).keys()])),
  );
  for (const [name, file] of Object.entries(init)) {
    if (name !== "*" && !(name in efficientnetVariants) && !(name in swinVariants)) {
      throw new UserError(
        `--init: expected one of ${[...used].join(", ")} before =, got ${name}; correct it`,
      );
    }
    if (!existsSync(file)) {
      throw new UserError(`--init: expected a file of weights, got no ${file}; correct the path`);
    }
  }
  if ("*" in init && used.size > 1) {
    const each = [...used].map((name) => `${name}=FILE`).join(", ");
    throw new UserError(
      `--init: expected a file for each backbone (${each}), got one for all; name its backbone, or choose a network by --members`,
    );
  }
}
