import { createHash } from "node:crypto";
import { basename } from "node:path";
import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import type { IdRange } from "./id-table.ts";
import { type HnswSettings, isHnswDtype, isHnswLibrary } from "./settings.ts";

const format = "lmk-hnsw";
const newestVersion = 2;

/** Characters that a message shows of a value from a file. */
const longestText = 80;

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
  readonly removed: readonly IdRange[];
  readonly graph: GraphFile;
}

/** The JSON text of an index, a field a line. The last field is the checksum of all others, written without spaces. */
export function formatManifest({ settings, rows, end, removed, graph }: Manifest): string {
  const body = { format, version: newestVersion, ...settings, rows, end, removed, graph };
  const fields = Object.entries({ ...body, checksum: checksumOf(body) });
  const lines = fields.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
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
    throw fileError(path, `to have the format "${format}"`, shortText(fields?.format), "not-this-format");
  }
  if (fields.version === 1) return requireManifest(path, upgrade(fields));
  if (fields.version !== newestVersion) {
    throw fileError(
      path,
      `to be of version 1 or ${newestVersion}`,
      shortText(fields.version),
      "unsupported-version",
    );
  }
  const { checksum, ...body } = fields;
  const expected = checksumOf(body);
  if (checksum !== expected) {
    throw fileError(path, `to have the checksum ${expected}`, shortText(checksum), "wrong-checksum");
  }
  return requireManifest(path, body);
}

/** Version 1 knew hnswlib only, neither removed rows nor ids that were given. */
function upgrade(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...fields, library: "hnswlib", dtype: "float32", ef: 64, end: fields.rows, removed: [] };
}

function requireManifest(path: string, body: Readonly<Record<string, unknown>>): Manifest {
  const { library, metric, dtype, dimension, m, efConstruction, ef, seed, rows, end, removed, graph } = body;
  const isRight: Readonly<Record<string, boolean>> = {
    library: isHnswLibrary(library),
    metric: metric === "dot" || metric === "cosine" || metric === "l2",
    dtype: isHnswDtype(dtype),
    dimension: isCount(dimension) && dimension > 0,
    m: isCount(m) && m > 0,
    efConstruction: isCount(efConstruction) && efConstruction > 0,
    ef: isCount(ef) && ef > 0,
    seed: library === "hnswlib" ? isCount(seed) : seed === undefined,
    rows: isCount(rows) && !(rows > (end as number)),
    end: isCount(end) && end < 2 ** 31,
    removed: (rows as number) + idsInRanges(removed, end as number) <= (end as number),
    graph: isGraphFile(graph),
  };
  const wrong = Object.keys(isRight).find((name) => isRight[name] !== true);
  if (wrong !== undefined) {
    throw fileError(
      path,
      `to describe an index by a usable \`${wrong}\``,
      shortText(body[wrong]),
      "bad-header",
    );
  }
  const shared = { library, metric, dtype, dimension, m, efConstruction, ef } as HnswSettings;
  return {
    settings: library === "hnswlib" ? { ...shared, seed: seed as number } : shared,
    rows: rows as number,
    end: end as number,
    removed: removed as IdRange[],
    graph: graph as GraphFile,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** How many ids ascending ranges below a limit hold; NaN for anything else. */
function idsInRanges(ranges: unknown, limit: number): number {
  if (!Array.isArray(ranges)) return Number.NaN;
  let count = 0;
  let previous = 0;
  for (const range of ranges as unknown[]) {
    if (!Array.isArray(range) || range.length !== 2) return Number.NaN;
    const [first, end] = range as unknown[];
    if (!isCount(first) || !isCount(end)) return Number.NaN;
    if (first < previous || end <= first || end > limit) return Number.NaN;
    previous = end;
    count += end - first;
  }
  return count;
}

function isGraphFile(graph: unknown): graph is GraphFile {
  const { file, bytes, sha256 } = (graph ?? {}) as Partial<GraphFile>;
  return typeof file === "string" && basename(file) === file && isCount(bytes) && typeof sha256 === "string";
}

/** A value from a file, cut where it is long. */
function shortText(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > longestText ? `${text.slice(0, longestText)}...` : text;
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
