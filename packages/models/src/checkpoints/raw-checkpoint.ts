import type { StoredArray, UnreadableArray } from "./stored-array.ts";

/** The kinds of file that are read. */
export type CheckpointFormat = "safetensors" | "pytorch" | "pytorch-legacy" | "onnx";

/** A plain value beside the weights. */
export type CheckpointValue = string | number | boolean | null;

/** What a file says, before any weights are read. */
export interface RawCheckpoint {
  readonly format: CheckpointFormat;
  readonly entries: readonly (readonly [string, StoredArray | UnreadableArray])[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, CheckpointValue>>;
  /** Bytes of further files that hold weights. */
  readonly externalBytes: number;
}

/** A record without prototype, so that names such as `constructor` are not found where there are none. */
export function bareRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return record;
}
