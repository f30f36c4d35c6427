import { InvalidArgumentError } from "commander";
import { chains, type NetworkName } from "./chains.ts";

/** Every network, in the order of the original's settings. */
export const networkNames = Object.keys(chains) as readonly NetworkName[];

/** Reads names of networks of the command line, such as `SER101ibn,ResNeSt101`. */
export function memberList(text: string): readonly NetworkName[] {
  const names = text.split(",");
  const unknown = names.find((name) => !networkNames.includes(name as NetworkName));
  if (unknown === undefined) return names as NetworkName[];
  throw new InvalidArgumentError(`expected networks of ${networkNames.join(", ")}, got ${unknown}.`);
}
