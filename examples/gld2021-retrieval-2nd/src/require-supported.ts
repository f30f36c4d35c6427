import { UserError } from "@lmk-example/kit";
import type { KeyValue } from "./config-keys/key-row.ts";
import { configKeys } from "./config-keys.ts";
import type { YmlConfig } from "./yml-config.ts";

/** The value of a key such as `SOLVER.BASE_LR`, one of {@link configKeys}. */
export function keyValue(config: YmlConfig, path: string): KeyValue {
  const [section, key] = path.split(".") as [keyof YmlConfig, string?];
  const value = config[section];
  return key === undefined
    ? (value as string)
    : (value as unknown as Readonly<Record<string, KeyValue>>)[key]!;
}

/**
 * Refuses a config that asks for what is not here, before a run begins.
 *
 * @throws UserError that names the first such key, its values and the reason.
 */
export function requireSupported(config: YmlConfig): void {
  for (const [path, row] of Object.entries(configKeys)) {
    const value = keyValue(config, path);
    if (row.values === undefined || row.values.includes(value)) continue;
    const said = "does" in row ? row.does : row.reason;
    const expected = row.values.length === 1 ? `${row.values[0]}` : `one of ${row.values.join(", ")}`;
    throw new UserError(`${path}: expected ${expected}, got ${value}; set it so. ${said}`);
  }
}
