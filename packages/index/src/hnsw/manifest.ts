import { createHash } from "node:crypto";
import { basename } from "node:path";
import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import { type HnswSettings, isHnswDtype, isHnswLibrary } from "./settings.ts";

const format = "lmk-hnsw";
const newestVersion = 2;

/** The file of the graph; its name ends in its checksum, so a newer graph never overwrites an older one. */
export interface GraphFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the JSON file of an index says. */
export interface Manifest {
  readonly settings: HnswSettings;
  /** Rows in the index. */
  readonly rows: number;
  /** The largest id there ever was, plus 1. */
  readonly end: number;
  /** Ids that were removed, ascending; the graph may hold them still. */
  readonly removed: readonly number[];
  readonly graph: GraphFile;
}

/** The JSON text of an index. Its last field is the checksum of all others, written without spaces. */
export function formatManifest({ settings, rows, end, removed, graph }: Manifest): string {
  const body = { format, version: newestVersion, ...settings, rows, end, removed, graph };
  return `${JSON.stringify({ ...body, checksum: checksumOf(body) }, undefined, 2)}\n`;
}

export function parseManifest(path: string, text: string): Manifest {
  let fields: Readonly<Record<string, unknown>> | null;
  try {
    fields = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
  } catch (cause) {
    const isOurs = text.includes(`"${format}"`);
    throw isOurs
      ? fileError(path, "to be complete JSON", "some that is cut off or changed", "wrong-size", { cause })
      : fileError(path, "to be JSON", "something else", "not-this-format", { cause });
  }
  if (fields?.format !== format) {
    throw fileError(
      path,
      `to have the format "${format}"`,
      JSON.stringify(fields?.format),
      "not-this-format",
    );
  }
  if (fields.version === 1) return requireManifest(path, fields, upgrade(fields));
  if (fields.version !== newestVersion) {
    throw fileError(
      path,
      `to be of version 1 or ${newestVersion}`,
      JSON.stringify(fields.version),
      "unsupported-version",
    );
  }
  const { checksum, ...body } = fields;
  const expected = checksumOf(body);
  if (checksum !== expected) {
    throw fileError(path, `to have the checksum ${expected}`, JSON.stringify(checksum), "wrong-checksum");
  }
  return requireManifest(path, fields, body);
}

/** Version 1 knew hnswlib only, neither removed rows nor ids that were given. */
function upgrade(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...fields, library: "hnswlib", dtype: "float32", ef: 64, end: fields.rows, removed: [] };
}

function requireManifest(
  path: string,
  fields: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): Manifest {
  const { library, metric, dtype, dimension, m, efConstruction, ef, seed, rows, end, removed, graph } = body;
  const { file, bytes, sha256 } = (graph ?? {}) as Partial<GraphFile>;
  const isDescribed =
    isHnswLibrary(library) &&
    isHnswDtype(dtype) &&
    (metric === "dot" || metric === "cosine" || metric === "l2") &&
    [dimension, m, efConstruction, ef].every((value) => isCount(value) && value > 0) &&
    (library === "hnswlib" ? isCount(seed) : seed === undefined) &&
    isCount(rows) &&
    isCount(end) &&
    end < 2 ** 31 &&
    isAscendingBelow(removed, end) &&
    rows + removed.length <= end &&
    typeof file === "string" &&
    basename(file) === file &&
    isCount(bytes) &&
    typeof sha256 === "string";
  if (!isDescribed) throw fileError(path, "to describe an index", JSON.stringify(fields), "bad-header");
  const shared = { library, metric, dtype, dimension, m, efConstruction, ef } as HnswSettings;
  return {
    settings: library === "hnswlib" ? { ...shared, seed: seed as number } : shared,
    rows,
    end,
    removed,
    graph: { file, bytes, sha256 },
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isAscendingBelow(ids: unknown, end: number): ids is number[] {
  if (!Array.isArray(ids)) return false;
  let previous = -1;
  for (const id of ids as unknown[]) {
    if (!isCount(id) || id <= previous || id >= end) return false;
    previous = id;
  }
  return true;
}

function checksumOf(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

export function fileError(
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
  options: ErrorOptions = {},
): IndexFileError {
  return new IndexFileError(`loadHnswIndex: expected ${path} ${expected}, got ${got}`, code, path, options);
}
