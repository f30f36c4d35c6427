import { UserError } from "@lmk-example/kit";
import type { KeyValue } from "./config-keys/key-row.ts";
import { configKeys, sectionKeys } from "./config-keys.ts";
import { readPythonLiteral } from "./python-literal.ts";
import type { YmlConfig } from "./yml-config.ts";

/**
 * A config with the keys of a yml file in place of its own.
 *
 * @param tree - What the file holds: sections of keys, as a YAML reader gives them.
 * @param from - The file, for messages.
 * @throws UserError for a key that the original does not have, and for a value of another kind than its default.
 */
export function mergeTree(config: YmlConfig, tree: unknown, from: string): YmlConfig {
  const pairs: [string, unknown][] = [];
  for (const [name, value] of Object.entries(requireMap(tree, from))) {
    if (!Object.hasOwn(sectionKeys, name)) pairs.push([name, value]);
    else
      for (const [key, one] of Object.entries(requireMap(value, `${from}, ${name}`)))
        pairs.push([`${name}.${key}`, one]);
  }
  return mergePairs(config, pairs, from);
}

/**
 * A config with keys and values of the command line in place of its own: `["SOLVER.BASE_LR", "1e-3", …]`.
 *
 * @throws UserError as {@link mergeTree}, and if a key has no value.
 */
export function mergeOptions(config: YmlConfig, options: readonly string[]): YmlConfig {
  if (options.length % 2 !== 0) {
    throw new UserError(
      `options: expected pairs of a key and a value, got ${options.length} words, the last of which is ${options.at(-1)}; give each key a value`,
    );
  }
  const pairs = options.flatMap((key, i): [string, string][] =>
    i % 2 === 0 ? [[key, options[i + 1]!]] : [],
  );
  return mergePairs(config, pairs, "options");
}

function requireMap(value: unknown, from: string): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new UserError(`${from}: expected keys with values, got ${JSON.stringify(value)}; correct the file`);
}

function mergePairs(
  config: YmlConfig,
  pairs: readonly (readonly [string, unknown])[],
  from: string,
): YmlConfig {
  const copy = structuredClone(config) as unknown as Record<string, Record<string, unknown> | unknown>;
  for (const [path, given] of pairs) {
    const row = Object.hasOwn(configKeys, path) ? configKeys[path] : undefined;
    if (row === undefined) {
      throw new UserError(
        `${from}: expected keys of the original, got ${path}; correct its name or leave it out`,
      );
    }
    const value = sameKind(path, row.default, given, from);
    const [section, key] = path.split(".") as [string, string?];
    if (key === undefined) copy[section] = value;
    else (copy[section] as Record<string, unknown>)[key] = value;
  }
  return copy as unknown as YmlConfig;
}

/** The value, read as a literal of Python if it is a text; it must be of the default's kind. */
function sameKind(path: string, standard: KeyValue, given: unknown, from: string): KeyValue {
  const value = typeof given === "string" ? readPythonLiteral(given) : given;
  const fits = Array.isArray(standard)
    ? Array.isArray(value) && value.every((one) => typeof one === "number")
    : typeof value === typeof standard;
  if (fits) return value as KeyValue;
  const way = typeof standard === "string" ? "put it in quotes" : "correct it";
  throw new UserError(
    `${from}: expected the value of ${path} to be like ${JSON.stringify(standard)}, got ${JSON.stringify(value)}; ${way}`,
  );
}
