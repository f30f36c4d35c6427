import { prepareLandmarks } from "@lmk-example/kit";
import { embedAll, type SearchableSystem } from "./stages/embed.ts";
import { lists } from "./stages/lists.ts";
import { trainChains } from "./stages/train.ts";
import type { SystemContext } from "./system.ts";

/**
 * Makes the system up to its embeddings.
 *
 * @returns `undefined` if `last` is a stage before: then there is nothing to go on with.
 */
export async function embedSystem(
  context: SystemContext,
  last: string,
): Promise<SearchableSystem | undefined> {
  const prepared = await prepareLandmarks(context);
  if (last === "prepare") return undefined;
  const data = await lists(context, prepared);
  if (last === "lists") return undefined;
  const trained = await trainChains(context, data);
  if (last === "chains") return undefined;
  const system = await embedAll(context, data, trained);
  return last === "embed" ? undefined : system;
}
