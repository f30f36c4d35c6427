import { join } from "node:path";
import type { LandmarkData } from "@lmk/data";
import { openDataset, type PreparedData, prepareData, sourceOf, unpackedArchives } from "@lmk-example/kit";
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

/** Makes a data set in the run folder. */
async function generate({ run, config, progress }: SystemContext): Promise<LandmarkData> {
  const { seed, landmarks } = config;
  const { trainImages, indexImages, testImages } = landmarks;
  const bar = progress("generate", trainImages + indexImages + testImages);
  const data = await openDataset({
    kind: "generated",
    folder: join(run.path, "data"),
    options: { ...landmarks, seed, onProgress: ({ done }) => bar.update(done) },
  });
  bar.stop();
  return data;
}
