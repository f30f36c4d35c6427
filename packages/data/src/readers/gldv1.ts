import { join } from "node:path";
import { requireOneOf } from "../require.ts";
import { readCsv, shown } from "./csv.ts";
import { addId, parseLandmarkId } from "./fields.ts";
import { type ImageLabels, readImageIdsCsv } from "./gldv2-tables.ts";
import { createImageIds, createNames, HexImageIds, type ImageIds, isHexId } from "./image-ids.ts";
import { parseUrl } from "./image-sources.ts";
import { Int32List } from "./int32-list.ts";
import type { ImageTable, LandmarkData, Split } from "./landmark-data.ts";
import { findTable, requireTable } from "./tables-in-folder.ts";

/** Options of {@link openGldv1}. */
export interface OpenGldv1Options {
  /**
   * What happens to the train images whose `url` is `None`, which could never be downloaded from their
   * publishers: `drop` leaves them out, `keep` lists them like the others.
   *
   * @defaultValue "drop", as the 2019 solution
   */
  readonly withoutUrl?: "drop" | "keep";
}

/** Google Landmarks v1. */
export interface Gldv1 extends LandmarkData {
  /** How many rows of `train.csv` are not in `train`. */
  readonly dropped: {
    /** Rows whose `url` is `None` or empty. */
    readonly withoutUrl: number;
    /** Other rows whose `landmark_id` is `None`. */
    readonly withoutLandmark: number;
  };
}

/**
 * The file of an image in the layout of Google Landmarks v1: one flat folder per split.
 *
 * @param root - The folder of the data set.
 * @param split - The part the image belongs to.
 * @param id - 16 hexadecimal digits, lower case.
 * @throws RangeError if `split` is none of the three or `id` is not such an id.
 *
 * @example
 * ```ts
 * import { gldv1ImagePath } from "@lmk/data";
 *
 * console.log(gldv1ImagePath("gldv1", "train", "6e158a47eb2ca3f6")); // => gldv1/train/6e158a47eb2ca3f6.jpg
 * ```
 */
export function gldv1ImagePath(root: string, split: Split, id: string): string {
  requireOneOf("gldv1ImagePath", "split", split, ["train", "index", "test"]);
  if (!isHexId(id)) {
    throw new RangeError(`gldv1ImagePath: expected \`id\` to be 16 hexadecimal digits, got ${shown(id)}`);
  }
  return join(root, split, `${id}.jpg`);
}

/**
 * Reads a data set in the layout of Google Landmarks v1, of 2018.
 *
 * Images stand where {@link gldv1ImagePath} says; whether they are there is not looked at. `train.csv`
 * (`id,url,landmark_id`) must stand in the root, in `train/` or in `metadata/`; `index.csv` and `test.csv`
 * likewise, or not at all. Train images whose `landmark_id` is `None` are left out, as nothing can be
 * learned from them; how many rows are left out is in `dropped`.
 *
 * The data set has no cleaned list, and its solutions are not read: `clean`, `retrieval` and `recognition`
 * are `undefined`. Its boxes are read by {@link readBoxesCsv}.
 *
 * @param root - The folder of the data set.
 * @returns Tables in the order of their files; `index` and `test` are empty where they have no file.
 * @throws RangeError if `withoutUrl` is neither of the two. DataFormatError if `train.csv` is missing, and
 * as {@link readTrainCsv}.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { openGldv1 } from "@lmk/data";
 *
 * mkdirSync("gldv1");
 * writeFileSync(
 *   "gldv1/train.csv",
 *   "id,url,landmark_id\n6e158a47eb2ca3f6,https://example.org/a.jpg,7\n202cd79556f30760,None,7\n",
 * );
 * const { train, dropped } = await openGldv1("gldv1");
 * console.log(train.paths.at(0), dropped.withoutUrl); // => gldv1/train/6e158a47eb2ca3f6.jpg 1
 * ```
 *
 * @see {@link https://arxiv.org/abs/1612.06321 | Noh et al. 2017, Large-Scale Image Retrieval with Attentive Deep Local Features}
 */
export async function openGldv1(root: string, options: OpenGldv1Options = {}): Promise<Gldv1> {
  const { withoutUrl = "drop" } = options;
  requireOneOf("openGldv1", "withoutUrl", withoutUrl, ["drop", "keep"]);
  const { dropped, ...train } = await readTrain(requireTable(root, "train", "train.csv"), withoutUrl);
  return {
    train: { ...train, paths: pathsOf(root, "train", train.ids) },
    index: await readOptionalTable(root, "index"),
    test: await readOptionalTable(root, "test"),
    clean: undefined,
    retrieval: undefined,
    recognition: undefined,
    landmarkNames: new Map(),
    dropped,
  };
}

async function readTrain(
  file: string,
  withoutUrl: "drop" | "keep",
): Promise<ImageLabels & Pick<Gldv1, "dropped">> {
  const ids = new HexImageIds();
  const landmarkIds = new Int32List();
  const dropped = { withoutUrl: 0, withoutLandmark: 0 };
  await readCsv(file, ["id", "url", "landmark_id"], ([id, url, landmarkId], line) => {
    if (withoutUrl === "drop" && parseUrl(url) === undefined) {
      dropped.withoutUrl += 1;
    } else if (landmarkId.trim() === "None") {
      dropped.withoutLandmark += 1;
    } else {
      addId(ids, id, { file, line });
      landmarkIds.push(parseLandmarkId(landmarkId, { file, line }));
    }
  });
  return { ids, landmarkIds: landmarkIds.toArray(), dropped };
}

async function readOptionalTable(root: string, split: "index" | "test"): Promise<ImageTable> {
  const file = findTable(root, split, `${split}.csv`);
  const ids = file === undefined ? createImageIds([]) : await readImageIdsCsv(file);
  return { ids, paths: pathsOf(root, split, ids) };
}

function pathsOf(root: string, split: Split, ids: ImageIds): ImageTable["paths"] {
  return createNames(ids.length, (row) => gldv1ImagePath(root, split, ids.at(row)));
}
