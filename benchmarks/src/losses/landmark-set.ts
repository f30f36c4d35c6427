import { assignClassIds, type ImageTable, openGldv2, type RetrievalSolution } from "@lmk/data";
import { type GenerateOptions, generateLandmarks } from "@lmk/data/landmarks";
import sharp from "sharp";
import { training } from "./settings.ts";

/** Images as bytes, `[N, size, size, 3]`. */
export interface Images {
  readonly count: number;
  readonly pixels: Uint8Array;
}

/** The whole data set in memory. */
export interface LandmarkSet {
  /** The cleaned train images and the class of each. */
  readonly train: Images & { readonly classes: Int32Array };
  readonly classCount: number;
  readonly index: Images;
  /** The queries that are scored, and the rows of the index that are right for each. */
  readonly queries: Images;
  readonly relevant: readonly ReadonlySet<number>[];
}

/** Makes the data set in `folder`, as far as it is not there yet, and decodes it once for all trainings. */
export async function openLandmarkSet(folder: string, options: GenerateOptions): Promise<LandmarkSet> {
  await generateLandmarks(folder, options);
  const data = await openGldv2(folder);
  const { clean, retrieval } = data;
  if (clean === undefined || retrieval === undefined) throw new Error(`${folder} lacks its tables`);
  const { rows, classIds, landmarkIds } = assignClassIds(data.train.landmarkIds, { rows: clean });
  const scored = scoredQueries(retrieval);
  return {
    train: { ...(await decode(data.train, rows)), classes: classIds },
    classCount: landmarkIds.length,
    index: await decode(
      data.index,
      Int32Array.from({ length: data.index.ids.length }, (_, row) => row),
    ),
    queries: await decode(
      data.test,
      scored.map((query) => retrieval.queries[query]),
    ),
    relevant: Array.from(scored, (query) => new Set(retrieval.relevant[query])),
  };
}

async function decode({ paths }: ImageTable, rows: Int32Array): Promise<Images> {
  const { size } = training;
  const pixels = new Uint8Array(rows.length * size * size * 3);
  for (const [i, row] of rows.entries()) {
    const image = sharp(paths.at(row)).resize(size, size, { fit: "fill", kernel: "linear" });
    pixels.set(await image.removeAlpha().raw().toBuffer(), i * size * size * 3);
  }
  return { count: rows.length, pixels };
}

/** Places in the solution of the queries that some image of the index shows. */
function scoredQueries({ relevant }: RetrievalSolution): Int32Array {
  return Int32Array.from(relevant.keys()).filter((query) => relevant[query].length > 0);
}
