import { UserError } from "@lmk-example/kit";
import { keyMeaning } from "./config-keys.ts";
import { type ChangeableKey, fixedKeys, keyRules } from "./key-rules.ts";
import type { NetworkConfig } from "./network-config.ts";
import { imageSide } from "./tokens.ts";

/**
 * A config with some of its keys changed, as `lr 5e-5 batch_size 8` on a command line.
 *
 * @throws UserError if a key is unknown, has no meaning here or makes another network, a value is not one that it may have, or
 * the changed config does nothing with it, takes images of another size or has no such schedule.
 */
export function withKeys(config: NetworkConfig, pairs: readonly string[]): NetworkConfig {
  if (pairs.length % 2 === 1) {
    throw new UserError(
      `train: expected keys of the config with their values, got ${pairs.at(-1)} without one; add it`,
    );
  }
  const values: Partial<Record<ChangeableKey, unknown>> = {};
  for (let i = 0; i < pairs.length; i += 2) {
    const key = changeableKey(pairs[i]!, pairs[i + 1]!);
    values[key] = readValue(key, pairs[i + 1]!);
  }
  const changed: NetworkConfig = { ...config, ...(values as Partial<NetworkConfig>) };
  for (const key of Object.keys(values) as ChangeableKey[]) requireUse(changed, key);
  requireImageSide(changed);
  requireSchedule(changed);
  return changed;
}

function changeableKey(key: string, text: string): ChangeableKey {
  const meaning = keyMeaning(key);
  if (meaning === undefined) {
    throw new UserError(`train: expected a key of the original's configs, got ${key}; correct it`);
  }
  if (meaning.kind === "unused") {
    throw new UserError(
      `train: expected a key that has a meaning here, got ${key} (${meaning.reason}; ${meaning.original}); leave it out`,
    );
  }
  if ((fixedKeys as readonly string[]).includes(key)) {
    throw new UserError(`train: expected ${key} as the config has it, got ${text}; choose another config`);
  }
  return key as ChangeableKey;
}

function readValue(key: ChangeableKey, text: string): unknown {
  const { expected, fits } = keyRules[key];
  const value = parsed(text);
  if (fits(value)) return value;
  throw new UserError(`train: expected ${key} to be ${expected}, got ${text}; correct it`);
}

/** JSON, `True`, `False` and `None` as the original's files have them, or else a word. */
function parsed(text: string): unknown {
  const python = { True: true, False: false, None: null };
  if (Object.hasOwn(python, text)) return python[text as keyof typeof python];
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function requireUse(config: NetworkConfig, key: ChangeableKey): void {
  const { needs, works } = keyRules[key];
  if (works === undefined || works(config)) return;
  throw new UserError(
    `train: expected ${key} only with ${needs}, got ${config.name}, which does nothing with it; leave it out`,
  );
}

/** The tokens of a transformer decide on the size of its images. */
function requireImageSide(config: NetworkConfig): void {
  const side = imageSide(config);
  if (config.img_size[0] === side) return;
  throw new UserError(
    `train: expected img_size to be [${side}, ${side}], for the tokens of ${config.name} allow no other, got [${config.img_size.join(", ")}]; correct it, or stride and tap`,
  );
}

/** A rate that rises has epochs left in which it falls. */
function requireSchedule({ schedule, warmup, epochs }: NetworkConfig): void {
  const least = schedule === "gradual_warmup" ? 1 : 0;
  if (schedule === "constant" || (warmup >= least && warmup < epochs)) return;
  throw new UserError(
    `train: expected warmup to be at least ${least} and below epochs, ${epochs}, with schedule ${schedule}, got ${warmup}; correct warmup or epochs`,
  );
}
