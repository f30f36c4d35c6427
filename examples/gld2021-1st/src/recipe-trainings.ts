import { longestFirst, type Training } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { lastEpoch } from "./learning-rates.ts";
import { createNetwork } from "./network.ts";
import type { NetworkConfig } from "./network-config.ts";
import type { Recipe } from "./recipes.ts";
import { imageSide } from "./tokens.ts";

/** The name of a step's stage. */
export function stepStage({ name }: Pick<NetworkConfig, "name">): string {
  return `train/${name}`;
}

/**
 * The recipe of each network, for a process of its own. Those come first that take longest, by the epochs, the layers and the
 * pixels of their steps: at the end no thread waits for them.
 */
export function trainingsOf({ recipes, sizes }: Pick<Config, "recipes" | "sizes">): readonly Training[] {
  const costOf = ({ member, steps }: Recipe): number =>
    steps.reduce((sum, { config }) => {
      const layers = Object.keys(createNetwork(config, sizes[member]).shapes).length;
      return sum + lastEpoch(config) * layers * imageSide(config, sizes[member]) ** 2;
    }, 0);
  return longestFirst(recipes, costOf).map(({ member, steps }) => ({
    name: stepStage(steps.at(-1)!.config),
    after: [],
    stage: "chains",
    options: ["--members", member],
  }));
}
