import { readFile } from "node:fs/promises";
import { DataFormatError } from "../data-format-error.ts";
import { asFormatError } from "../file-errors.ts";
import type { PickleValue } from "../pickle/pickle-values.ts";

/** The value of a JSON file, with its objects as maps, as a pickle's dictionaries are. */
export async function readJson(file: string): Promise<PickleValue> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw asFormatError(file, error);
  });
  try {
    return JSON.parse(text, (_, value: unknown) => {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      return isObject ? new Map(Object.entries(value)) : value;
    }) as PickleValue;
  } catch (error) {
    throw new DataFormatError("bad-value", file, 0, "expected JSON, got something else", { cause: error });
  }
}
