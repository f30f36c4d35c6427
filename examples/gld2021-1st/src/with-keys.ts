import { UserError } from "@lmk-example/kit";
import { keyMeaning } from "./config-keys.ts";
import type { NetworkConfig } from "./network-config.ts";

/** Values of the keys that are words. */
const words: Readonly<Partial<Record<string, readonly string[]>>> = {
  train_df: ["train.csv", "train_gldv2x.csv", "train_full.csv"],
  normalization: ["imagenet", "none"],
  loss: ["adaptive_arcface", "arcface"],
  optimizer: ["Adam", "SGD"],
  schedule: ["cosine", "gradual_warmup", "constant"],
  clip_mode: ["norm", "value"],
};

/** Keys that make another network, which is another config and no change of one. */
const fixed = ["name", "model", "backbone", "embedder", "neck", "embedding_size", "n_classes", "pool"];

/**
 * A config with some of its keys changed, as `lr 5e-5 batch_size 8` on a command line.
 *
 * @throws UserError if a key is unknown, has no meaning here or makes another network, or a value is not of its kind.
 */
export function withKeys(config: NetworkConfig, pairs: readonly string[]): NetworkConfig {
  if (pairs.length % 2 === 1) {
    throw new UserError(
      `train: expected keys of the config with their values, got ${pairs.at(-1)} without one; add it`,
    );
  }
  const changed: Record<string, unknown> = {};
  for (let i = 0; i < pairs.length; i += 2) changed[pairs[i]!] = readValue(config, pairs[i]!, pairs[i + 1]!);
  return { ...config, ...changed };
}

function readValue(config: NetworkConfig, key: string, text: string): unknown {
  const meaning = keyMeaning(key);
  if (meaning === undefined) {
    throw new UserError(`train: expected a key of the original's configs, got ${key}; correct it`);
  }
  if (meaning.kind === "unused") {
    throw new UserError(
      `train: expected a key that has a meaning here, got ${key} (${meaning.reason}); leave it out`,
    );
  }
  if (fixed.includes(key)) {
    throw new UserError(`train: expected ${key} as the config has it, got ${text}; choose another config`);
  }
  const before = config[key as keyof NetworkConfig];
  const value = parsed(text);
  const allowed = words[key];
  const fits =
    allowed === undefined ? isSameKind(before, value) : typeof value === "string" && allowed.includes(value);
  if (fits) return value;
  const expected = allowed?.join(" or ") ?? `a value such as ${JSON.stringify(before)}`;
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

function isSameKind(before: unknown, value: unknown): boolean {
  if (before === null) return value === null || typeof value === "string" || Array.isArray(value);
  if (value === null) return typeof before === "string" || Array.isArray(before);
  if (Array.isArray(before)) {
    return Array.isArray(value) && value.every((one) => typeof one === typeof before[0]);
  }
  if (typeof before === "number") {
    return (
      typeof value === "number" && (Number.isInteger(value) || !Number.isInteger(before) || before === 0)
    );
  }
  return typeof before === typeof value;
}
