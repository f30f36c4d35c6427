import { prepareLandmarks } from "@lmk-example/kit";
import { embedAll } from "./stages/embed.ts";
import { lists } from "./stages/lists.ts";
import { trainStandIns } from "./stages/stand-in.ts";
import { trainNetworks } from "./stages/train.ts";
import type { EmbeddedSystem, SystemContext } from "./system.ts";

/**
 * Makes the system up to its embeddings.
 *
 * @returns `undefined` if `last` is a stage before: then there is nothing to go on with.
 */
export async function embedSystem(context: SystemContext, last: string): Promise<EmbeddedSystem | undefined> {
  const prepared = await prepareLandmarks(context);
  if (last === "prepare") return undefined;
  const data = await lists(context, prepared);
  if (last === "lists") return undefined;
  const standIns = await trainStandIns(context, data);
  if (last === "stand-ins") return undefined;
  const trained = await trainNetworks(context, data, standIns);
  if (last === "chains") return undefined;
  const system = await embedAll(context, data, trained);
  return last === "embed" ? undefined : system;
}
