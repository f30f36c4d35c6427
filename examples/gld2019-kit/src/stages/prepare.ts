import { type LandmarkData, openGldv1 } from "@lmk/data";
import {
  generateSet,
  openDataset,
  type PreparedData,
  prepareData,
  sourceOf,
  unpackedArchives,
} from "@lmk-example/kit";
import type { EnsembleContext, EnsembleData } from "../context.ts";

/** Brings both data sets and measures every image. `needsV1`: whether any training is to be on v1. */
export async function prepare(context: EnsembleContext, needsV1: boolean): Promise<EnsembleData> {
  const { config, options, notice } = context;
  const { check } = config.images;
  const opened = await openV2(context);
  const archives = options.data === undefined ? [] : unpackedArchives(options.data);
  const v2 = await prepareData(context, { name: "prepare", data: opened, check, archives });
  const data = needsV1 ? await openV1(context) : undefined;
  if (data !== undefined) return { v1: await prepareData(context, { name: "prepare-v1", data, check }), v2 };
  if (needsV1) notice("no --data-v1: the trainings on v1 take the train images of --data as they are");
  return { v1: v2, v2 };
}

async function openV2(context: EnsembleContext): Promise<LandmarkData> {
  const { config, options } = context;
  if (options.data !== undefined) return openDataset(sourceOf(options.data, config.seed));
  return generate(context, "v2");
}

async function openV1(context: EnsembleContext): Promise<LandmarkData | undefined> {
  const { options } = context;
  if (options.dataV1 !== undefined) return openGldv1(options.dataV1);
  return options.data === undefined ? generate(context, "v1") : undefined;
}

/** Makes a data set in the run folder. The two have landmarks of their own. */
function generate(context: EnsembleContext, set: "v1" | "v2"): Promise<LandmarkData> {
  const { landmarks, seed } = context.config;
  return generateSet(context, landmarks[set], {
    folder: set === "v2" ? "data" : "data-v1",
    seed: set === "v2" ? seed : `${seed} v1`,
    name: `generate ${set}`,
  });
}

/** The data set of a training. */
export function dataOf(data: EnsembleData, set: "v1" | "v2" | "v2-clean" | "v2-given-list"): PreparedData {
  return set === "v1" ? data.v1 : data.v2;
}
