import { createHash, type Hash } from "node:crypto";
import type { ImageIds, LandmarkData } from "@lmk/data";

/**
 * Twelve hexadecimal digits that change with the ids of a data set and with everything that is known of its images and
 * landmarks, the order included, but not with where its files are. Of the names of landmarks, `landmarkNames` does not count,
 * which is only shown; categories do, of which those of Google Landmarks v2 are made.
 */
export function fingerprintOf({ landmarkNames: _, ...tables }: LandmarkData): string {
  const hash = createHash("sha256");
  add(hash, tables);
  return hash.digest("hex").slice(0, 12);
}

/** Each value says what it is and how long, so that no two tables give the same bytes. */
function add(hash: Hash, value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    hash.update(`numbers ${value.byteLength}\n`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (Array.isArray(value)) {
    hash.update(`list ${value.length}\n`);
    for (const item of value) add(hash, item);
  } else if (isIds(value)) {
    hash.update(`ids ${value.length}\n`);
    for (let row = 0; row < value.length; row++) hash.update(`${value.at(row)}\n`);
  } else if (typeof value === "object" && value !== null) {
    const known = Object.entries(value).filter(([key, of]) => key !== "paths" && of !== undefined);
    hash.update(`table ${known.length}\n`);
    for (const [key, of] of known.sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${key}\n`);
      add(hash, of);
    }
  } else {
    hash.update(`${JSON.stringify(value)}\n`);
  }
}

function isIds(value: unknown): value is ImageIds {
  return typeof value === "object" && value !== null && "rowOf" in value;
}
