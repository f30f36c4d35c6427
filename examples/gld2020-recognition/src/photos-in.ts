import { readdirSync, statSync } from "node:fs";
import { extname } from "node:path";
import { UserError } from "@lmk-example/kit";

const endings: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

/** The photos of a folder and of the folders in it, however they are sorted: paths that begin in the folder, ascending. */
export function photosIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`${folder}: expected a folder with photos, got none; check --non-landmarks`);
  }
  const photos = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => endings.has(extname(path).toLowerCase()))
    .sort();
  if (photos.length > 0) return photos;
  throw new UserError(
    `${folder}: expected photos (${[...endings].join(", ")}), got none; check --non-landmarks`,
  );
}
