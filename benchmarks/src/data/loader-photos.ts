import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { readImageFolder } from "@lmk/data";
import sharp from "sharp";

/** Pixels of the longer side of the files that are loaded. */
const longSide = 512;

/**
 * Photographs as JPEG files of 512 px on the longer side, of quality 90, made from the first of a folder, which are spread
 * over all of it; those that are there already are kept.
 */
export async function preparePhotos(from: string, to: string, count: number): Promise<string[]> {
  const { paths } = readImageFolder(from);
  if (paths.length < count) throw new Error(`${from} has ${paths.length} images, fewer than ${count}`);
  await mkdir(to, { recursive: true });
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const file = join(to, `${i}.jpg`);
      if (existsSync(file)) return file;
      const source = paths.at(Math.floor((i * paths.length) / count))!;
      await sharp(source)
        .autoOrient()
        .resize(longSide, longSide, { fit: "inside" })
        .jpeg({ quality: 90 })
        .toFile(`${file}.partial`);
      await rename(`${file}.partial`, file);
      return file;
    }),
  );
}
