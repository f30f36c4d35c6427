import { DataFormatError } from "../data-format-error.ts";
import { shown } from "./csv.ts";
import { type HexImageIds, type ImageIds, isHexId } from "./image-ids.ts";
import type { Usage } from "./landmark-data.ts";

/** Where a field stands, for messages. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Adds an id to a column of ids, or says why it cannot be one. */
export function addId(ids: HexImageIds, field: string, { file, line }: Place): void {
  const id = field.trim();
  const outcome = ids.add(id);
  if (outcome === "added") return;
  if (outcome === "duplicate") {
    throw new DataFormatError(
      "duplicate-id",
      file,
      line,
      `expected each image id once, got ${shown(id)} again`,
    );
  }
  throw badId(id, { file, line });
}

/** The id of a field: 16 hexadecimal digits. */
export function requireHexId(field: string, place: Place): string {
  const id = field.trim();
  if (isHexId(id)) return id;
  throw badId(id, place);
}

/** The error of an id that is not 16 hexadecimal digits. */
export function badId(id: string, { file, line }: Place): DataFormatError {
  return new DataFormatError(
    "bad-id",
    file,
    line,
    `expected an image id of 16 hexadecimal digits (0-9, a-f), got ${shown(id)}`,
  );
}

/** A landmark id from 0 to 2^31 - 1. */
export function parseLandmarkId(field: string, { file, line }: Place): number {
  const value = parseWholeNumber(field, 0x7fffffff);
  if (value >= 0) return value;
  throw new DataFormatError(
    "bad-landmark-id",
    file,
    line,
    `expected a landmark id from 0 to 2147483647, got ${shown(field)}`,
  );
}

/** A landmark id that is not among those of earlier rows, which it joins. */
export function parseNewLandmarkId(field: string, earlier: Set<number>, { file, line }: Place): number {
  const landmarkId = parseLandmarkId(field, { file, line });
  if (earlier.has(landmarkId)) {
    const detail = `expected each landmark id once, got ${landmarkId} again`;
    throw new DataFormatError("duplicate-landmark-id", file, line, detail);
  }
  earlier.add(landmarkId);
  return landmarkId;
}

/** A number of up to 10 digits from 0 to `maximum`, or -1 for anything else. */
export function parseWholeNumber(field: string, maximum: number): number {
  const digits = field.trim();
  const value = /^\d{1,10}$/.test(digits) ? Number(digits) : -1;
  return value <= maximum ? value : -1;
}

/** The text of a field, which may not be blank. */
export function requireText(field: string, what: string, { file, line }: Place): string {
  const text = field.trim();
  if (text !== "") return text;
  throw new DataFormatError("empty-field", file, line, `expected ${what}, got an empty field`);
}

/** The leaderboard of a query. */
export function parseUsage(field: string, { file, line }: Place): Usage {
  const usage = field.trim();
  if (usage === "Public" || usage === "Private" || usage === "Ignored") return usage;
  throw new DataFormatError(
    "bad-usage",
    file,
    line,
    `expected a Usage of Public, Private or Ignored, got ${shown(field)}`,
  );
}

/** The words of a field between blanks; none of an empty or blank field. */
export function splitWords(field: string): readonly string[] {
  const trimmed = field.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
}

/** The row of an image that another file must list. */
export function requireKnownImage(
  ids: ImageIds,
  id: string,
  list: string,
  isWellFormed: (id: string) => boolean,
  { file, line }: Place,
): number {
  const row = ids.rowOf(id);
  if (row >= 0) return row;
  if (!isWellFormed(id)) throw badId(id, { file, line });
  throw new DataFormatError("unknown-image", file, line, `expected an image id in ${list}, got ${shown(id)}`);
}
