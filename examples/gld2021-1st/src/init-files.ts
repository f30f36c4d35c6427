import { type InitFiles, requireInitFiles } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { type BackboneName, backbonesOf } from "./pretrained.ts";
import { type Recipe, recipes } from "./recipes.ts";

/** The backbones that the nine members begin with. */
export const backboneNames: readonly BackboneName[] = [...new Set(backbonesOfAll(recipes))];

/** Refuses files of `--init` that are not there or of no backbone, before hours are spent on what comes first. */
export function requireInits(config: Pick<Config, "recipes">, init?: InitFiles): void {
  requireInitFiles({ of: "backbone", known: backboneNames, used: backbonesOfAll(config.recipes) }, init);
}

function backbonesOfAll(of: readonly Recipe[]): readonly BackboneName[] {
  return of.flatMap(({ steps }) => steps.flatMap(({ config }) => [...backbonesOf(config).keys()]));
}
