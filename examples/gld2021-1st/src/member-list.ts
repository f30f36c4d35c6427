import { InvalidArgumentError } from "commander";
import { type MemberName, memberNames } from "./ensembles.ts";

/** Reads names of networks of the command line, such as `dolg-b5,swin-b6`. */
export function memberList(text: string): readonly MemberName[] {
  const names = text.split(",");
  const unknown = names.find((name) => !memberNames.includes(name as MemberName));
  if (unknown === undefined) return names as MemberName[];
  throw new InvalidArgumentError(`expected networks of ${memberNames.join(", ")}, got ${unknown}.`);
}
