import { InvalidArgumentError } from "commander";
import { type MemberName, memberNames } from "./train-run.ts";

/** Reads names of networks of the command line, such as `b7,rex20`. */
export function memberList(text: string): readonly MemberName[] {
  const names = text.split(",");
  const unknown = names.find((name) => !memberNames.includes(name as MemberName));
  if (unknown === undefined) return names as MemberName[];
  throw new InvalidArgumentError(`expected networks of ${memberNames.join(", ")}, got ${unknown}.`);
}
