import { efficientnetVariants, swinVariants } from "@lmk/models";
import { type InitFiles, requireInitFiles } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { backbonesOf } from "./pretrained.ts";

/** Refuses files of `--init` that are not there or of no backbone, before hours are spent on what comes first. */
export function requireInits({ recipes }: Pick<Config, "recipes">, init?: InitFiles): void {
  const used = recipes.flatMap(({ steps }) => steps.flatMap(({ config }) => [...backbonesOf(config).keys()]));
  const known = Object.keys({ ...efficientnetVariants, ...swinVariants });
  requireInitFiles({ of: "backbone", known, used }, init);
}
