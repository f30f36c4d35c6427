import { prepareLandmarks } from "@lmk-example/kit";
import { embedAll } from "./stages/embed.ts";
import { folds } from "./stages/folds.ts";
import { trainChains } from "./stages/train.ts";
import type { EmbeddedSystem, SystemContext } from "./system.ts";

/**
 * Makes the system up to its embeddings.
 *
 * @returns `undefined` if `last` is a stage before: then there is nothing to go on with.
 */
export async function embedSystem(context: SystemContext, last: string): Promise<EmbeddedSystem | undefined> {
  const prepared = await prepareLandmarks(context);
  if (last === "prepare") return undefined;
  const data = await folds(context, prepared);
  if (last === "folds") return undefined;
  const trained = await trainChains(context, data);
  if (last === "chains") return undefined;
  const system = await embedAll(context, data, trained);
  return last === "embed" ? undefined : system;
}
