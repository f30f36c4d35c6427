import { InvalidArgumentError } from "commander";

/** Reads a list of names of the command line, such as `b7,rex20`, and refuses those that there are not. */
export function nameList<Name extends string>(known: readonly Name[]): (text: string) => readonly Name[] {
  return (text) => {
    const names = text.split(",") as Name[];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) return names;
    throw new InvalidArgumentError(`expected networks of ${known.join(", ")}, got ${unknown}.`);
  };
}
