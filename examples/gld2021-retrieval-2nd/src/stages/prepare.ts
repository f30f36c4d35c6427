import type { LandmarkData } from "@lmk/data";
import {
  generateSet,
  openDataset,
  type PreparedData,
  prepareData,
  sourceOf,
  unpackedArchives,
} from "@lmk-example/kit";
import type { SystemContext } from "../system.ts";

/** Brings the data set and measures every image. */
export async function prepare(context: SystemContext): Promise<PreparedData> {
  const { config, options } = context;
  const data = options.data === undefined ? await generate(context) : await read(context, options.data);
  const archives = options.data === undefined ? [] : unpackedArchives(options.data);
  return prepareData(context, { name: "prepare", data, check: config.images.check, archives });
}

function read({ config }: SystemContext, folder: string): Promise<LandmarkData> {
  return openDataset(sourceOf(folder, config.seed));
}

function generate(context: SystemContext): Promise<LandmarkData> {
  const { landmarks, seed } = context.config;
  return generateSet(context, landmarks, { folder: "data", seed, name: "generate" });
}
