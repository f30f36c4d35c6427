import { join } from "node:path";
import { type DecodedCache, type Normalization, openDecodedCache, type ResizeKernel } from "@lmk/data/images";
import type { RunFolder } from "./run-folder.ts";

/** How images are read. */
export interface ImagesConfig {
  /** Whether every image is decoded when the data set is brought, or only its header is read. */
  readonly check: "decode" | "header";
  /** Of red, green and blue on a scale from 0 to 1. */
  readonly normalization: Normalization;
  /** How images are brought to the size of their template. */
  readonly kernel: ResizeKernel;
  /** Whether decoded images are kept on disk for later epochs and trainings. */
  readonly cache: boolean;
}

/** What reads images as the settings of a run say; images are kept in its folder. */
export async function imageOptions({
  run,
  config,
}: {
  readonly run: Pick<RunFolder, "path">;
  readonly config: { readonly images: ImagesConfig };
}): Promise<{ normalization: Normalization; kernel: ResizeKernel; cache?: DecodedCache }> {
  const { normalization, kernel, cache } = config.images;
  return {
    normalization,
    kernel,
    ...(cache ? { cache: await openDecodedCache(join(run.path, "decoded")) } : {}),
  };
}
