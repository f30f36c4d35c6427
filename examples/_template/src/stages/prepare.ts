import {
  generateSet,
  openDataset,
  type PreparedData,
  prepareData,
  sourceOf,
  unpackedArchives,
} from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";

/** Brings the data set, or generates one, and measures every image. */
export async function prepare(context: SystemContext): Promise<PreparedData> {
  const { config, options } = context;
  const { seed, landmarks, images } = config;
  const { data: given } = options;
  const data =
    given === undefined
      ? await generateSet(context, landmarks, { folder: "data", seed, name: "generate" })
      : await openDataset(sourceOf(given, seed));
  const archives = given === undefined ? [] : unpackedArchives(given);
  return prepareData(context, { name: "prepare", data, check: images.check, archives });
}
