import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import { type RecipeStep, recipes } from "./recipes.ts";

/** A step, and the config of the one whose weights it begins with. */
export interface FoundStep extends RecipeStep {
  readonly before: NetworkConfig | undefined;
}

/**
 * The step that a command names: by its config, such as `cfg_ch_dolg_b7_step2`, or by its network and number, from 1.
 *
 * @throws UserError if there is none.
 */
export function findStep(name: string, step?: number): FoundStep {
  const recipe = recipes.find(({ member }) => member === name);
  if (recipe !== undefined) {
    const found = recipe.steps[(step ?? 0) - 1];
    if (found !== undefined) return { ...found, before: recipe.steps[step! - 2]?.config };
    throw new UserError(
      `--step: expected a step of ${name} from 1 to ${recipe.steps.length}, got ${step ?? "none"}; name one`,
    );
  }
  for (const { steps } of recipes) {
    const place = steps.findIndex(({ config }) => config.name === name);
    if (place < 0) continue;
    if (step !== undefined && step !== place + 1) {
      throw new UserError(`--step: expected ${place + 1}, which ${name} is, got ${step}; leave it out`);
    }
    return { ...steps[place]!, before: steps[place - 1]?.config };
  }
  throw new UserError(
    `--config: expected a network with --step, or one of ${configNames().join(", ")}, got ${name}; correct it`,
  );
}

/** The names of all configs of all recipes. */
export function configNames(): readonly string[] {
  return recipes.flatMap(({ steps }) => steps.map(({ config }) => config.name));
}
