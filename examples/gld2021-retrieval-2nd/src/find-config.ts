import { existsSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "@lmk-example/kit";
import { configs } from "./configs.ts";
import { mergeOptions } from "./merge-keys.ts";
import type { RunName } from "./published-runs.ts";
import { readYml } from "./read-yml.ts";
import type { YmlConfig } from "./yml-config.ts";

/**
 * The config that `--config-file` names: a yml file, or one of the published runs by its name, as `R50_256` or as the
 * original's file of it, `configs/GLDv2/R50_256.yml`, which need not be there.
 *
 * @param options - Keys and values that come last.
 * @throws UserError if it names neither, and as `readYml`.
 */
export async function findConfig(file: string, options: readonly string[]): Promise<YmlConfig> {
  if (existsSync(file)) return readYml(file, { options });
  const name = basename(file, ".yml");
  if (Object.hasOwn(configs, name)) return mergeOptions(configs[name as RunName], options);
  throw new UserError(
    `--config-file: expected a yml file or one of ${Object.keys(configs).join(", ")}, got ${file}; correct it`,
  );
}
