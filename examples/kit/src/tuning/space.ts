import { UserError } from "../user-error.ts";

/** A value of a setting. */
export type TuningValue = string | number | boolean;

/** The values to try of each setting, by the setting's path, such as `training.margin`. */
export type SearchSpace = Readonly<Record<string, readonly TuningValue[]>>;

/** One choice of a value for each setting of a space. */
export type Candidate = Readonly<Record<string, TuningValue>>;

/**
 * Reads a space from arguments such as `margin=0.2,0.3` and `loss=arcface,cosface`.
 *
 * What looks like a number is one, `true` and `false` are booleans, everything else is text. A list in square brackets is
 * JSON, for text that has commas: `pooling=["G,G,G,G","SMG,MG,G,G"]`.
 */
export function parseSpace(assignments: readonly string[]): SearchSpace {
  const space: Record<string, readonly TuningValue[]> = {};
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const path = assignment.slice(0, Math.max(at, 0)).trim();
    if (path === "") {
      throw new UserError(
        `expected \`${assignment}\` to be a setting and its values, such as margin=0.2,0.3`,
      );
    }
    if (Object.hasOwn(space, path)) {
      throw new UserError(`expected the values of \`${path}\` once, got them again in \`${assignment}\``);
    }
    const text = assignment.slice(at + 1).trim();
    space[path] = text.startsWith("[")
      ? jsonOf(path, text)
      : text.split(",").map((one) => scalarOf(one.trim()));
  }
  return checkSpace(space);
}

/**
 * Checks a space that came from outside, such as a JSON file: an object of lists, or a list of such objects, each a
 * space of its own.
 */
export function checkSpaces(value: unknown, where: string): readonly SearchSpace[] {
  const spaces: unknown[] = Array.isArray(value) ? value : [value];
  if (spaces.length === 0) throw new UserError(`${where}: expected settings and their values, got none`);
  return spaces.map((space) => {
    if (typeof space !== "object" || space === null || Array.isArray(space)) {
      throw new UserError(
        `${where}: expected an object of settings and their values, got ${JSON.stringify(space)}`,
      );
    }
    return checkSpace(space as Record<string, unknown>);
  });
}

function checkSpace(space: Readonly<Record<string, unknown>>): SearchSpace {
  const paths = Object.keys(space);
  if (paths.length === 0) throw new UserError("expected settings and their values, got none");
  for (const path of paths) {
    const values = space[path];
    if (!Array.isArray(values) || values.length === 0 || !values.every(isTuningValue)) {
      const got = JSON.stringify(values);
      throw new UserError(`expected the values of \`${path}\` to be texts, numbers or booleans, got ${got}`);
    }
    if (new Set(values.map(String)).size < values.length) {
      throw new UserError(`expected the values of \`${path}\` to differ, got ${values.join(", ")}`);
    }
  }
  return space as SearchSpace;
}

function isTuningValue(value: unknown): boolean {
  return (
    typeof value === "boolean" ||
    (typeof value === "string" && value !== "") ||
    (typeof value === "number" && Number.isFinite(value))
  );
}

function jsonOf(path: string, text: string): TuningValue[] {
  try {
    return JSON.parse(text) as TuningValue[];
  } catch (error) {
    throw new UserError(`expected the values of \`${path}\` to be JSON, got ${(error as Error).message}`);
  }
}

function scalarOf(text: string): TuningValue {
  if (text === "true") return true;
  if (text === "false") return false;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}
