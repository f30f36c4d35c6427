import sharp, { type OverlayOptions } from "sharp";
import { openGldv2 } from "../readers/gldv2.ts";
import { requireInteger } from "../require.ts";
import { captionOf, collectRows, headingOf, type SheetImage } from "./contact-sheet/rows.ts";

/** Options of {@link writeContactSheet}. */
export interface ContactSheetOptions {
  /**
   * Landmarks to show, 1 or more: from the one with most train images to the one with fewest, in equal steps.
   *
   * @defaultValue 12
   */
  readonly landmarks?: number;
  /**
   * Images to show of each landmark in each of train, index and test, 1 or more.
   *
   * @defaultValue 4
   */
  readonly imagesPerSplit?: number;
  /**
   * Side of a tile in pixels, 16 to 1024.
   *
   * @defaultValue 112
   */
  readonly tileSide?: number;
}

const caller = "writeContactSheet";
const gap = 4;
const frame = 3;
const headHeight = 22;
const captionWidth = 190;
const paper = "#ffffff";
const wrongColor = "#e00000";

/**
 * Lays out images of a data set in the layout of Google Landmarks v2 on one sheet, to look at.
 *
 * Each line shows one landmark: its category and country as far as the folder has the tables, then its images
 * in train, index and test. A red frame marks train images that `train_clean.csv` leaves out although it has
 * others of the landmark: in a generated set, those with a wrong label. The last line shows queries without a
 * landmark. Index images are found through the retrieval solution, so only those of landmarks with a query are.
 *
 * Texts need a font on the machine, as sharp finds them by fontconfig; without one they are missing.
 *
 * @param folder - The folder of the data set, as {@link openGldv2} of `@lmk/data` reads it.
 * @param file - Where to write; the ending says the format, such as `.png` or `.jpg`.
 * @param options - How much to show.
 * @throws RangeError if an option is out of range.
 * @throws DataFormatError if a table is missing or broken.
 *
 * @example
 * ```ts
 * import { generateLandmarks, writeContactSheet } from "@lmk/data/landmarks";
 *
 * await generateLandmarks("landmarks", { landmarks: 4, trainImages: 12, indexImages: 6, testImages: 3 });
 * await writeContactSheet("landmarks", "sheet.png", { landmarks: 4 });
 * ```
 */
export async function writeContactSheet(
  folder: string,
  file: string,
  options: ContactSheetOptions = {},
): Promise<void> {
  const { landmarks = 12, imagesPerSplit = 4, tileSide = 112 } = options;
  requireInteger(caller, "landmarks", landmarks, 1);
  requireInteger(caller, "imagesPerSplit", imagesPerSplit, 1);
  requireInteger(caller, "tileSide", tileSide, 16, 1024);

  const rows = collectRows(await openGldv2(folder), { landmarks, imagesPerSplit });
  const step = tileSide + gap;
  const columns = 3 * imagesPerSplit;
  const parts: OverlayOptions[] = [];
  for (const [line, row] of rows.entries()) {
    const top = headHeight + line * step;
    parts.push(textPart(captionOf(row), { left: 4, top, height: tileSide }));
    for (const [column, image] of row.images.entries()) {
      if (image === null) continue;
      const left = captionWidth + column * step;
      parts.push({ input: await createTile(image, tileSide), left, top });
    }
  }
  for (let split = 0; split < 3; split++) {
    const left = captionWidth + split * imagesPerSplit * step;
    parts.push(textPart([headingOf(split)], { left, top: 0, height: headHeight }));
  }
  const width = captionWidth + columns * step;
  const height = headHeight + rows.length * step;
  await sharp({ create: { width, height, channels: 3, background: paper } })
    .composite(parts)
    .toFile(file);
}

/** A photo on a square of paper, or of red where its label is wrong. */
async function createTile(image: SheetImage, side: number): Promise<Buffer> {
  const inner = side - 2 * frame;
  const background = image.isWrong ? wrongColor : paper;
  return sharp(image.path)
    .resize(inner, inner, { fit: "inside" })
    .extend({ top: frame, bottom: frame, left: frame, right: frame, background })
    .png()
    .toBuffer();
}

/** Lines of text as an image. */
function textPart(
  lines: readonly string[],
  at: { readonly left: number; readonly top: number; readonly height: number },
): OverlayOptions {
  const spans = lines.map((line, i) => `<text x="0" y="${15 + 16 * i}">${escapeXml(line)}</text>`);
  const style = 'font-family="sans-serif" font-size="12"';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${captionWidth - 8}" height="${at.height}" ${style}>${spans.join("")}</svg>`;
  return { input: Buffer.from(svg), left: at.left, top: at.top };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
