import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { groupedBatches, type ImageBatch, type SizeTemplate } from "@lmk/data";
import { type ImagePaths, loadBatches, type Normalization } from "@lmk/data/images";
import type { Matrix } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import type { Embedder } from "@lmk/models/embedder";
import { UserError } from "./user-error.ts";

/** What is to be embedded, and where it is kept. */
export interface ExtractOptions {
  readonly template: SizeTemplate;
  /** As many images as the network was prepared for. */
  readonly batchSize: number;
  readonly normalization: Normalization;
  readonly paths: ImagePaths;
  /** The size group of each row; negative leaves the row out. */
  readonly groups: Int32Array;
  /** The file for the finished matrix; parts are kept in a folder beside it until then. */
  readonly file: string;
  /** Told how many images are done. */
  readonly onProgress: (done: number) => void;
  /**
   * Batches that are saved together.
   *
   * @defaultValue 8
   */
  readonly batchesPerPart?: number;
}

/**
 * Embeds images and writes their embeddings as one `.npy` matrix, a row for each row that is not left out, in order.
 *
 * Parts are written as they are finished, and those that exist are not made again.
 */
export async function extractEmbeddings(embedder: Embedder, options: ExtractOptions): Promise<void> {
  const { groups, file, batchSize, batchesPerPart = 8 } = options;
  if (existsSync(file)) return;
  const folder = `${file}.parts`;
  await mkdir(folder, { recursive: true });
  const batches = groupedBatches(groups, { batchSize, shuffle: false });
  const paths: string[] = [];
  let done = 0;
  for (let first = 0; first < batches.length; first += batchesPerPart) {
    const part = batches.slice(first, first + batchesPerPart);
    const path = join(folder, `part-${String(first).padStart(8, "0")}.npy`);
    if (!existsSync(path)) await writeNpy(path, await embedPart(embedder, options, part));
    paths.push(path);
    done += part.reduce((sum, { rows }) => sum + rows.length, 0);
    options.onProgress(done);
  }

  const order = new Map(
    [...groups.keys()].filter((row) => groups[row]! >= 0).map((row, position) => [row, position]),
  );
  const columns = embedder.dimension!;
  const data = new Float32Array(order.size * columns);
  const rows = batches.flatMap((batch) => [...batch.rows]);
  let at = 0;
  for (const path of paths) {
    const part = await readNpy(path);
    for (let row = 0; row < part.rows; row++) {
      const to = order.get(rows[at++]!)! * columns;
      data.set(part.data.subarray(row * part.columns, (row + 1) * part.columns), to);
    }
  }
  if (at !== order.size)
    throw new UserError(`${folder}: expected ${order.size} embeddings, got ${at}; delete the folder`);
  await writeNpy(file, { data, rows: order.size, columns });
  const old = `${folder}.old`;
  await rename(folder, old);
  await rm(old, { recursive: true });
}

async function embedPart(
  embedder: Embedder,
  { paths, template, batchSize, normalization }: ExtractOptions,
  batches: readonly ImageBatch[],
): Promise<Matrix> {
  const columns = embedder.dimension!;
  const rows = batches.reduce((sum, batch) => sum + batch.rows.length, 0);
  const data = new Float32Array(rows * columns);
  const loaded = loadBatches(paths, batches, {
    sizes: template.sizes,
    fill: "repeat",
    batchSize,
    normalization,
    reuseImages: true,
  });
  let at = 0;
  let batch = 0;
  for await (const { images, height, width, failures } of loaded) {
    const failure = failures[0];
    if (failure)
      throw new UserError(`${failure.path}: ${failure.message}; remove the image or pass --skip-corrupt`);
    const count = batches[batch++]!.rows.length;
    const embeddings = await embedder.embedPrepared({ data: images, count, height, width });
    data.set(embeddings.data, at * columns);
    at += count;
  }
  return { data, rows, columns };
}
