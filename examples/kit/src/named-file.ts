import { InvalidArgumentError } from "commander";

/** What {@link namedFile} is told. */
export interface FileNames<Name extends string> {
  readonly isKnown: (name: string) => name is Name;
  /** What the message names. */
  readonly names: readonly string[];
  /** As the message shows it, such as `nest101=resnest101.pth`. */
  readonly example: string;
}

/** Reads `NAME=FILE` of the command line, once for each name, and refuses names that there are not. */
export function namedFile<Name extends string>({
  isKnown,
  names,
  example,
}: FileNames<Name>): (
  text: string,
  before?: Readonly<Partial<Record<Name, string>>>,
) => Readonly<Partial<Record<Name, string>>> {
  return (text, before) => {
    const [, name = "", file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (file !== undefined && isKnown(name)) {
      return { ...before, [name]: file } as Readonly<Partial<Record<Name, string>>>;
    }
    throw new InvalidArgumentError(
      `expected a file of ${names.join(", ")}, such as ${example}, got ${text}.`,
    );
  };
}
