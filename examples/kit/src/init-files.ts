import { existsSync } from "node:fs";
import type { RunOptions } from "./command-line.ts";
import { fileHash } from "./file-hash.ts";
import { UserError } from "./user-error.ts";

/** The files of `--init` by the name before the `=`; the name of a file that is given without one is `*`. */
export type InitFiles = NonNullable<RunOptions["init"]>;

/** The file that `--init` names for a network or a backbone. */
export function initFileOf({ init }: Pick<RunOptions, "init">, name: string): string | undefined {
  return init?.[name] ?? init?.["*"];
}

/** What is in the file that `--init` names, as twelve digits for a stage's settings: another file in its place counts. */
export async function initHashOf(
  options: Pick<RunOptions, "init">,
  name: string,
): Promise<string | undefined> {
  const file = initFileOf(options, name);
  return file === undefined ? undefined : fileHash(file);
}

/** What {@link requireInitFiles} is told. */
export interface InitNames {
  /** What the names are of, in words. */
  readonly of: "network" | "backbone";
  /** Those of all networks that the system has: files of networks that are not chosen are left alone. */
  readonly known: readonly string[];
  /** Those that this run begins with. */
  readonly used: readonly string[];
}

/**
 * Refuses files of `--init` that are not there, are of no known name, or leave open what they are of, before hours are spent
 * on what comes first.
 */
export function requireInitFiles({ of, known, used }: InitNames, init: InitFiles = {}): void {
  const names = [...new Set(used)];
  for (const [name, file] of Object.entries(init)) {
    if (name !== "*" && !known.includes(name)) {
      throw new UserError(`--init: expected one of ${names.join(", ")} before =, got ${name}; correct it`);
    }
    requireWeights("--init", file, "correct the path");
  }
  if ("*" in init && names.length > 1) {
    const each = names.map((name) => `${name}=FILE`).join(", ");
    throw new UserError(
      `--init: expected a file for each ${of} (${each}), got one for all; name its ${of}, or choose one network by --members`,
    );
  }
}

/**
 * Refuses a file of weights that is not there.
 *
 * @param option - The option that names it.
 * @param remedy - What to do.
 */
export function requireWeights(option: string, file: string, remedy: string): void {
  if (existsSync(file)) return;
  throw new UserError(`${option}: expected a file of weights, got no ${file}; ${remedy}`);
}
