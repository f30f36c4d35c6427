import type { ImageBatch, Size } from "@lmk/data";
import { type ImagePaths, type LoadBatchesOptions, type LoadedBatch, loadBatches } from "@lmk/data/images";

/** The sizes that {@link loadAll} gives groups 0 and 1. */
export const sizes: readonly Size[] = [
  { width: 12, height: 8 },
  { width: 8, height: 8 },
];

/** A batch of group 0. */
export function batchOf(...rows: number[]): ImageBatch {
  return { group: 0, rows: Int32Array.from(rows) };
}

/** Every batch that `loadBatches` gives. */
export async function loadAll(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  options: Partial<LoadBatchesOptions> = {},
): Promise<LoadedBatch[]> {
  const loaded: LoadedBatch[] = [];
  for await (const batch of loadBatches(paths, batches, { sizes, ...options })) loaded.push(batch);
  return loaded;
}
