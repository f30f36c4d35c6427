import { writeFile } from "node:fs/promises";
import { stringify } from "csv-stringify/sync";
import type { ImageFailure, ImageFailureKind } from "./image-failure.ts";
import type { ImageNotice, ImageNoticeKind } from "./image-notice.ts";

/** One line of an {@link ImageManifest}. */
export interface ImageManifestEntry {
  readonly row: number;
  readonly path: string;
  readonly kind: ImageFailureKind | ImageNoticeKind;
  /** Whether the image was left out, or read in spite of what is unusual. */
  readonly outcome: "skipped" | "converted";
  readonly message: string;
}

/** The images that were skipped or are unusual, each once for each kind of trouble. */
export interface ImageManifest {
  /** By row. */
  readonly entries: readonly ImageManifestEntry[];
  /** How many entries there are of each kind; kinds of which there is none are missing. */
  readonly counts: Readonly<Partial<Record<ImageFailureKind | ImageNoticeKind, number>>>;
  /** Adds what was found, such as the result of `readImageSizes` or a loaded batch. */
  add(found: { readonly failures: readonly ImageFailure[]; readonly notices?: readonly ImageNotice[] }): void;
}

/**
 * A list of images that were skipped or are unusual. {@link writeImageManifest} writes it to a file.
 *
 * @example
 * ```ts
 * import { createImageManifest, readImageSizes } from "@lmk/data/images";
 *
 * const manifest = createImageManifest();
 * manifest.add(await readImageSizes(["gone.jpg", "lost.jpg"]));
 * console.log(manifest.counts, manifest.entries[0].outcome); // => { missing: 2 } skipped
 * ```
 */
export function createImageManifest(): ImageManifest {
  const found = new Map<string, ImageManifestEntry>();
  const keep = (entry: ImageManifestEntry): void => {
    const key = `${entry.row} ${entry.kind}`;
    if (!found.has(key)) found.set(key, entry);
  };
  return {
    get entries() {
      return [...found.values()].sort((a, b) => a.row - b.row || (a.kind < b.kind ? -1 : 1));
    },
    get counts() {
      const counts: Partial<Record<ImageManifestEntry["kind"], number>> = {};
      for (const { kind } of found.values()) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    },
    add({ failures, notices = [] }) {
      for (const failure of failures) keep({ ...failure, outcome: "skipped" });
      for (const notice of notices) keep({ ...notice, outcome: "converted" });
    },
  };
}

/**
 * Writes a manifest as CSV with the columns `row,path,kind,outcome,message`, by row; the header alone if it is empty.
 *
 * @param file - Where to write; the folder must exist.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { createImageManifest, readImageSizes, writeImageManifest } from "@lmk/data/images";
 *
 * const manifest = createImageManifest();
 * manifest.add(await readImageSizes(["gone.jpg"]));
 * await writeImageManifest("manifest.csv", manifest);
 * console.log((await readFile("manifest.csv", "utf8")).split("\n")[1]); // => 0,gone.jpg,missing,skipped,Input file is missing
 * ```
 */
export async function writeImageManifest(file: string, manifest: ImageManifest): Promise<void> {
  const columns = ["row", "path", "kind", "outcome", "message"];
  await writeFile(file, stringify([...manifest.entries], { header: true, columns }));
}
