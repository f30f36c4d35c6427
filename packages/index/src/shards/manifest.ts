import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import type { Metric } from "../matrix.ts";
import type { RowRange } from "../row-range.ts";
import { rangeOfShard, type Shard } from "./shard-range.ts";

const format = "lmk-search-shard";
const version = 1;

/** What was searched for, and where. Equal for all shards of a search but for `shard`, `range` and `database`. */
export interface ShardSettings {
  readonly shard: Shard;
  /** Rows of the whole database. */
  readonly rows: number;
  readonly columns: number;
  readonly range: RowRange;
  readonly metric: Metric;
  readonly k: number;
  readonly queries: { readonly rows: number; readonly sha256: string };
  /** The checksum of the row that each query must not find; `null` if nothing was left out. */
  readonly exclude: string | null;
  /** The checksum of the rows of this shard. */
  readonly database: string;
}

/** The JSON file of a complete shard. */
export interface ShardManifest extends ShardSettings {
  readonly format: typeof format;
  readonly version: typeof version;
  /** The file of the neighbors beside. */
  readonly neighbors: { readonly bytes: number; readonly sha256: string };
  /** SHA-256 of the JSON text of all fields before, without spaces. */
  readonly checksum: string;
}

export function manifestText(settings: ShardSettings, neighbors: ShardManifest["neighbors"]): string {
  const fields = { format, version, ...settings, neighbors };
  return `${JSON.stringify({ ...fields, checksum: checksumOf(fields) }, undefined, 2)}\n`;
}

function checksumOf(fields: object): string {
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Reads and checks the manifest of a shard. A missing file is the file system's error. */
export async function readManifest(caller: string, path: string): Promise<ShardManifest> {
  return parseManifest(caller, path, await readFile(path, "utf8"));
}

function parseManifest(caller: string, path: string, text: string): ShardManifest {
  let manifest: Partial<ShardManifest> | null;
  try {
    manifest = JSON.parse(text) as Partial<ShardManifest> | null;
  } catch (cause) {
    throw shardError(caller, path, "to be JSON", "something else", "not-this-format", { cause });
  }
  const found = JSON.stringify(manifest?.format);
  if (manifest?.format !== format) {
    throw shardError(caller, path, `to have the format "${format}"`, `${found}`, "not-this-format");
  }
  if (manifest.version !== version) {
    const got = `${manifest.version}`;
    throw shardError(caller, path, `to be of version ${version}`, got, "unsupported-version");
  }
  const { checksum, ...fields } = manifest;
  const actual = checksumOf(fields);
  if (checksum !== actual) {
    throw shardError(caller, path, `to have the checksum ${checksum}`, actual, "wrong-checksum");
  }
  if (!describesShard(fields, basename(path))) {
    throw shardError(caller, path, "to describe a shard", JSON.stringify(fields), "bad-header");
  }
  return manifest as ShardManifest;
}

function describesShard(fields: Partial<ShardManifest>, name: string): boolean {
  const { shard, rows, columns, range, metric, k, queries, exclude, database, neighbors } = fields;
  const counts = [shard?.index, shard?.count, rows, columns, k, queries?.rows, neighbors?.bytes];
  if (!counts.every((count) => Number.isSafeInteger(count) && count! >= 0)) return false;
  if (shard!.index >= shard!.count || columns! < 1 || k! < 1 || rows! >= 2 ** 31) return false;
  const { first, end } = rangeOfShard("readManifest", rows!, shard!);
  return (
    name === `${shardName(shard!)}.json` &&
    range?.first === first &&
    range.end === end &&
    (metric === "dot" || metric === "cosine" || metric === "l2") &&
    (exclude === null || typeof exclude === "string") &&
    [queries!.sha256, database, neighbors!.sha256].every((sum) => typeof sum === "string") &&
    neighbors!.bytes === queries!.rows * k! * 8
  );
}

/** The name that the files of a shard start with: `shard-0003-of-0008`. */
export function shardName({ index, count }: Shard): string {
  return `shard-${`${index}`.padStart(4, "0")}-of-${`${count}`.padStart(4, "0")}`;
}

/** The first setting in which two shards are not of one search, in words. */
export function differenceOf(
  expected: Omit<ShardSettings, "database">,
  found: ShardSettings,
): { readonly expected: string; readonly got: string } | undefined {
  for (const [name, describe] of described) {
    if (describe(expected) === describe(found)) continue;
    return { expected: `${name} ${describe(expected)}`, got: describe(found) };
  }
  return undefined;
}

const described: readonly (readonly [string, (settings: Omit<ShardSettings, "database">) => string])[] = [
  ["rows", ({ rows }) => `${rows}`],
  ["columns", ({ columns }) => `${columns}`],
  ["metric", ({ metric }) => JSON.stringify(metric)],
  ["k", ({ k }) => `${k}`],
  ["query rows", ({ queries }) => `${queries.rows}`],
  ["queries with the checksum", ({ queries }) => queries.sha256],
  ["excluded rows with the checksum", ({ exclude }) => exclude ?? "none"],
];

export function shardError(
  caller: string,
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
  options: ErrorOptions = {},
): IndexFileError {
  return new IndexFileError(`${caller}: expected ${path} ${expected}, got ${got}`, code, path, options);
}
