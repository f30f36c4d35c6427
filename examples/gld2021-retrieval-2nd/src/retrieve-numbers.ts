import { UserError } from "@lmk-example/kit";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import { referenceDepth } from "./reference-depth.ts";

/** Settings that count something, which there is at least one of. */
const counts = ["IMAGE_SIZE", "BATCH_SIZE", "K1", "K2", "SPG_RERANK_NUM", "MAX_INLIERS"] as const;

/**
 * Refuses settings of inference that no stage can work with, before the first one begins.
 *
 * @throws UserError if a count is not a whole number of at least 1, `VOTE_NUM` is above the references that are listed, `LAMBDA` is
 * not from 0 to 1, or a network stands in `MODEL_LIST` twice or has no weight above 0.
 */
export function requireNumbers(settings: InferenceSettings): void {
  for (const key of counts) requireWhole(key, settings[key], Number.MAX_SAFE_INTEGER);
  requireWhole("VOTE_NUM", settings.VOTE_NUM, referenceDepth);
  const { LAMBDA, MODEL_LIST, MODEL_WEIGHT } = settings;
  if (!(LAMBDA >= 0 && LAMBDA <= 1)) refuse("LAMBDA", "a number from 0 to 1", LAMBDA);
  if (new Set(MODEL_LIST).size < MODEL_LIST.length) refuse("MODEL_LIST", "each network once", MODEL_LIST);
  if (MODEL_WEIGHT.length < MODEL_LIST.length) {
    refuse("MODEL_WEIGHT", `a weight for each of ${MODEL_LIST.length} networks`, MODEL_WEIGHT.length);
  }
  const least = Math.min(...MODEL_WEIGHT.slice(0, MODEL_LIST.length));
  if (!(least > 0)) refuse("MODEL_WEIGHT", "weights above 0", least);
}

function requireWhole(key: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? "of at least 1" : `from 1 to ${most}`;
  refuse(key, `a whole number ${range}`, value);
}

function refuse(key: string, expected: string, got: number | readonly string[]): never {
  const shown = typeof got === "number" ? `${got}` : got.join(", ");
  throw new UserError(`--set ${key}: expected ${expected}, got ${shown}; correct it`);
}
