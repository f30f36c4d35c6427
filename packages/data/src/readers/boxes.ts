import { DataFormatError } from "../data-format-error.ts";
import { readCsv, shown } from "./csv.ts";
import { addId, type Place, splitWords } from "./fields.ts";
import { HexImageIds, type ImageIds } from "./image-ids.ts";

/** Where on the images the landmark stands. */
export interface ImageBoxes {
  readonly ids: ImageIds;
  /**
   * Four numbers a row: top, left, bottom, right, as shares of the image's height and width. Top is less
   * than bottom, and left less than right.
   */
  readonly boxes: Float32Array;
}

/**
 * Reads a `boxes_split1.csv` or `boxes_split2.csv` of Google Landmarks v1 (`id,box`), where a box is
 * `ymin xmin ymax xmax`.
 *
 * @param file - The CSV file.
 * @returns One box per row of the file.
 * @throws DataFormatError for a file that is missing, empty or without these columns, and for a row with
 * an id that is not 16 hexadecimal digits or comes twice, or a box that is not four finite numbers with
 * `ymin < ymax` and `xmin < xmax`.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readBoxesCsv } from "@lmk/data";
 *
 * writeFileSync("boxes_split1.csv", "id,box\n6e158a47eb2ca3f6,0.25 0.125 0.75 1\n");
 * const { ids, boxes } = await readBoxesCsv("boxes_split1.csv");
 * console.log(boxes.subarray(4 * ids.rowOf("6e158a47eb2ca3f6"))); // => Float32Array(4) [ 0.25, 0.125, 0.75, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1812.01584 | Teichmann et al. 2019, Detect-to-Retrieve}
 */
export async function readBoxesCsv(file: string): Promise<ImageBoxes> {
  const ids = new HexImageIds();
  const boxes: number[] = [];
  await readCsv(file, ["id", "box"], ([id, box], line) => {
    addId(ids, id, { file, line });
    boxes.push(...parseBox(box, { file, line }));
  });
  return { ids, boxes: Float32Array.from(boxes) };
}

function parseBox(field: string, { file, line }: Place): readonly number[] {
  const box = splitWords(field).map(Number);
  const [top, left, bottom, right] = box;
  if (box.length === 4 && box.every(Number.isFinite) && top < bottom && left < right) return box;
  const detail = `expected a box of ymin xmin ymax xmax, got ${shown(field)}`;
  throw new DataFormatError("bad-box", file, line, detail);
}
