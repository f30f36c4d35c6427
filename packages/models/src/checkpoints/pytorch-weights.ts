import { shownList, unexpected } from "./checkpoint-error.ts";
import { describe, PickleArray, type PickleValue } from "./pickle-values.ts";
import { bareRecord, type CheckpointValue, type RawCheckpoint } from "./raw-checkpoint.ts";
import type { StoredArray, UnreadableArray } from "./stored-array.ts";

type Weights = Pick<RawCheckpoint, "entries" | "values">;

/** Keys under which training scripts keep weights, in the order in which they are tried. */
const weightsKeys: readonly string[] = [
  "state_dict",
  "model_state_dict",
  "model",
  "params",
  "net",
  "network",
  "weights",
  "state_dict_ema",
  "model_ema",
  "ema",
];

/** Longer strings are not kept as plain values. */
const longestString = 1000;

/**
 * The dictionary of tensors in what a file holds, and the plain values beside it: that under `key`; else the first of
 * {@link weightsKeys} that holds tensors; else the whole.
 */
export function findWeights(label: string, root: PickleValue, key: string | undefined): Weights {
  if (!(root instanceof Map)) {
    throw unexpected("no-weights", label, "a dictionary of tensors", describe(root));
  }
  const keys = key === undefined ? weightsKeys : [key];
  const found = keys.find((name) => holdsArrays(root.get(name)));
  const weights = found === undefined ? root : (root.get(found) as typeof root);
  if ((found === undefined && key !== undefined) || !holdsArrays(weights)) {
    const place = key === undefined ? `in the file or under ${weightsKeys.join(", ")}` : `under ${key}`;
    const names = [...root].flatMap(([name]) => (typeof name === "string" ? [name] : []));
    throw unexpected(
      "no-weights",
      label,
      `tensors by name ${place}`,
      names.length === 0 ? "no keys" : `keys ${shownList(names)}`,
    );
  }
  return { entries: arraysOf(weights), values: valuesOf(root) };
}

function holdsArrays(value: PickleValue | undefined): value is Map<PickleValue, PickleValue> {
  if (!(value instanceof Map)) return false;
  return [...value].some(([name, entry]) => typeof name === "string" && isArray(entry));
}

function isArray(value: PickleValue): value is PickleArray & { array: StoredArray | UnreadableArray } {
  return value instanceof PickleArray && value.array !== undefined;
}

function arraysOf(weights: Map<PickleValue, PickleValue>): [string, StoredArray | UnreadableArray][] {
  return [...weights].flatMap(([name, value]): [string, StoredArray | UnreadableArray][] =>
    typeof name === "string" && isArray(value) ? [[name, value.array]] : [],
  );
}

function valuesOf(root: Map<PickleValue, PickleValue>): Record<string, CheckpointValue> {
  return bareRecord(
    [...root].flatMap(([name, value]): [string, CheckpointValue][] =>
      typeof name === "string" && isPlain(value) ? [[name, value]] : [],
    ),
  );
}

function isPlain(value: PickleValue): value is CheckpointValue {
  if (typeof value === "string") return value.length <= longestString;
  return value === null || typeof value === "number" || typeof value === "boolean";
}
