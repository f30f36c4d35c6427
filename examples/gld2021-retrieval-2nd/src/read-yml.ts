import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { oneLine, UserError } from "@lmk-example/kit";
import { parse } from "yaml";
import { defaultConfig } from "./config-keys.ts";
import { mergeOptions, mergeTree } from "./merge-keys.ts";
import type { YmlConfig } from "./yml-config.ts";

/** Options of {@link readYml}. */
export interface ReadYmlOptions {
  /**
   * Keys and values that come last, such as `["SOLVER.BASE_LR", "1e-3"]`.
   *
   * @defaultValue none
   */
  readonly options?: readonly string[];
}

/**
 * Reads a yml file of the original as its `train.py` does: the defaults, the file, the file that its `BASE` names, the file
 * once more, and last the options.
 *
 * `BASE` is a path from the root of the original's repository, so it is looked for in the folder of the file and in those
 * above it. A `BASE` of that file leads nowhere, as in the original. Files are read as YAML 1.1, where `on`, `off`, `yes`
 * and `no` without quotes are no texts.
 *
 * @throws UserError if a file is not there or is no YAML, a key is unknown, or a value is of another kind than its default.
 */
export async function readYml(file: string, { options = [] }: ReadYmlOptions = {}): Promise<YmlConfig> {
  const child = await readTree(file);
  let config = mergeTree(defaultConfig, child, file);
  if (config.BASE !== "") {
    const base = findBase(file, config.BASE);
    config = mergeTree(mergeTree(config, await readTree(base), base), child, file);
  }
  return mergeOptions(config, options);
}

async function readTree(file: string): Promise<unknown> {
  if (!existsSync(file)) throw new UserError(`config: expected a yml file, got no ${file}; correct the path`);
  try {
    return parse(await readFile(file, "utf8"), { version: "1.1" });
  } catch (error) {
    throw new UserError(`${file}: expected YAML, got ${oneLine(error)}; correct the file`);
  }
}

function findBase(file: string, base: string): string {
  if (isAbsolute(base)) return base;
  let folder = dirname(resolve(file));
  for (;;) {
    const path = join(folder, base);
    if (existsSync(path)) return path;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new UserError(
    `${file}: expected the file of BASE, ${base}, in the folder of this file or one above it, got none; keep both where the original has them`,
  );
}
