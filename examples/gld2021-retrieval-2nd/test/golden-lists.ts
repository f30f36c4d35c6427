import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageList } from "@lmk/data";
import { afterAll } from "vitest";

const golden = fileURLToPath(new URL("../../../packages/data/test/sets/golden/", import.meta.url));

/** A tiny data set in the layout of Google Landmarks v2. */
export const gldv2: string = join(golden, "gldv2");

/** The lists that the authors' own generator makes of it. */
export const authorsLists: string = join(golden, "lists");

/** A folder that is deleted after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lmk-lists-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Lays out the countries as the authors' generator has them, with their codes in the order of its numbers. */
export function writeCountryInfo(
  folder: string,
  codes: unknown = ["FR", "NA", "OTHER", "RU", "XK", "PT"],
): void {
  cpSync(join(gldv2, "train", "country"), folder, { recursive: true });
  cpSync(join(gldv2, "continent_codes.csv"), join(folder, "continent_codes.csv"));
  writeFileSync(join(folder, "country_codes.json"), JSON.stringify(codes));
}

/** Id, class, noisy and tag of each row, the classes of an image in ascending order. */
export function rowsOf(list: ImageList): unknown[][] {
  const rows = Array.from({ length: list.length }, (_, row) => [
    list.paths.at(row).replace(/^.*gldv2\//, ""),
    list.classIds[row]!,
    list.noisy[row]!,
    list.tags.values[list.tags.codes[row]!] ?? -1,
  ]);
  for (let end = 1, start = 0; end <= rows.length; end++) {
    if (end < rows.length && rows[end]![0] === rows[start]![0]) continue;
    const sorted = rows.slice(start, end).sort((a, b) => Number(a[1]) - Number(b[1]));
    rows.splice(start, end - start, ...sorted);
    start = end;
  }
  return rows;
}
