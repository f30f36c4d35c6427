import { UserError } from "@lmk-example/kit";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import { settingRows } from "./inference-settings.ts";
import { type PythonValue, readPythonLiteral } from "./python-literal.ts";

/**
 * Settings of inference with some in place of their own.
 *
 * @param pairs - Such as `CATEGORY_RERANK=off` or `MODEL_LIST=['R50']`; values are literals of Python, texts need no quotes.
 * @throws UserError for what is no such pair, a setting that the original does not have, one that has no meaning here, and a
 * value of another kind.
 */
export function withSettings(settings: InferenceSettings, pairs: readonly string[]): InferenceSettings {
  const changed = pairs.map((pair) => {
    const [, key, text] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined) {
      throw new UserError(`--set: expected KEY=VALUE such as CATEGORY_RERANK=off, got ${pair}; correct it`);
    }
    return [key, settingValue(key, readPythonLiteral(text!))] as const;
  });
  return { ...settings, ...Object.fromEntries(changed) };
}

function settingValue(key: string, value: PythonValue): PythonValue {
  if (!Object.hasOwn(settingRows, key)) {
    throw new UserError(
      `--set: expected a setting of the original's inference, got ${key}; correct its name`,
    );
  }
  const row = settingRows[key as keyof InferenceSettings];
  if (!("does" in row)) {
    throw new UserError(
      `--set ${key}: expected a setting that has a meaning here, got this one; leave it out. ${row.reason}`,
    );
  }
  if (isLike(row.default, value)) return value;
  throw new UserError(
    `--set ${key}: expected a value like ${JSON.stringify(row.default)}, got ${JSON.stringify(value)}; correct it`,
  );
}

function isLike(standard: unknown, value: PythonValue): boolean {
  if (!Array.isArray(standard)) return typeof value === typeof standard && !Array.isArray(value);
  return Array.isArray(value) && value.every((one) => typeof one === typeof standard[0]);
}
