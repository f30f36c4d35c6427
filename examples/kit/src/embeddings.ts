import { join } from "node:path";
import { groupedBatches, type ImageBatch, type SizeTemplate } from "@lmk/data";
import {
  type DecodedCache,
  type ImagePaths,
  loadBatches,
  type Normalization,
  type ResizeKernel,
} from "@lmk/data/images";
import { type Matrix, normalizeRows } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import type { Embedder } from "@lmk/models/embedder";
import { joinNpyFiles } from "./join-npy.ts";
import { runPartedStage } from "./parted-stage.ts";
import type { CompletedStage, RunFolder, StageSettings } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What is to be embedded, and how. */
export interface ExtractOptions {
  /** Opens the network, where something is left to embed. */
  readonly openEmbedder: () => Promise<Embedder>;
  readonly template: SizeTemplate;
  /** As many images as the network was prepared for. */
  readonly batchSize: number;
  readonly normalization: Normalization;
  readonly kernel?: ResizeKernel;
  readonly cache?: DecodedCache;
  readonly paths: ImagePaths;
  /** The size group of each row; negative leaves the row out. */
  readonly groups: Int32Array;
  /** Told how many images are done. */
  readonly onProgress: (done: number) => void;
  /**
   * Images that are saved together, and the unit of which shards are made.
   *
   * @defaultValue 1024
   */
  readonly imagesPerPart?: number;
}

const file = "embeddings.npy";

/**
 * A stage that embeds images: its file is one `.npy` matrix, a row for each row that is not left out, in order.
 *
 * A part holds the embeddings of a run of consecutive rows, so the matrix is never in memory as a whole.
 */
export async function extractEmbeddings(
  run: RunFolder,
  name: string,
  settings: StageSettings,
  options: ExtractOptions,
): Promise<CompletedStage> {
  const { groups, imagesPerPart = 1024, onProgress } = options;
  const rows = Int32Array.from(groups.keys()).filter((row) => groups[row]! >= 0);
  const rowsOfPart = (part: number): Int32Array =>
    rows.subarray(part * imagesPerPart, (part + 1) * imagesPerPart);
  let opening: Promise<Embedder> | undefined;
  let done = 0;
  const advance = (images: number): void => {
    done = images;
    onProgress(done);
  };
  const parts = Math.ceil(rows.length / imagesPerPart);
  try {
    return await runPartedStage(
      run,
      name,
      { ...settings, parts },
      {
        extension: "npy",
        async makePart(part, path) {
          opening ??= options.openEmbedder();
          const images = rowsOfPart(part);
          const before = done;
          const tell = (count: number): void => advance(before + count);
          await writeNpy(path, await embedRows(await opening, options, images, tell));
        },
        onProgress: (parts) => advance(Math.min(parts * imagesPerPart, rows.length)),
        finish: (folder, paths) => joinNpyFiles(join(folder, file), paths),
      },
    );
  } finally {
    await (await opening)?.dispose();
  }
}

/** The embeddings of a stage of {@link extractEmbeddings}, as the network gave them. */
export function readRawEmbeddings({ folder }: CompletedStage): Promise<Matrix> {
  return readNpy(join(folder, file));
}

/** The embeddings of a stage of {@link extractEmbeddings}, of length 1. */
export async function readEmbeddings(stage: CompletedStage): Promise<Matrix> {
  return normalizeRows(await readRawEmbeddings(stage));
}

/** Embeddings of some rows, in their order. Rows of one size go through the network together. */
async function embedRows(
  embedder: Embedder,
  options: ExtractOptions,
  rows: Int32Array,
  onImages: (done: number) => void,
): Promise<Matrix> {
  const { paths, groups, template, batchSize, normalization, kernel, cache } = options;
  const columns = embedder.dimension!;
  const data = new Float32Array(rows.length * columns);
  const batches = groupedBatches(
    rows.map((row) => groups[row]!),
    { batchSize, shuffle: false },
  );
  const loaded = loadBatches(
    paths,
    batches.map((batch) => ofRows(batch, rows)),
    {
      sizes: template.sizes,
      fill: "repeat",
      batchSize,
      normalization,
      reuseImages: true,
      ...(kernel === undefined ? {} : { kernel }),
      ...(cache === undefined ? {} : { cache }),
    },
  );
  let at = 0;
  let done = 0;
  for await (const { images, height, width, failures } of loaded) {
    const failure = failures[0];
    if (failure)
      throw new UserError(`${failure.path}: ${failure.message}; remove the image or pass --skip-corrupt`);
    const places = batches[at++]!.rows;
    const embedded = await embedder.embedPrepared({ data: images, count: places.length, height, width });
    places.forEach((place, i) => {
      data.set(embedded.data.subarray(i * columns, (i + 1) * columns), place * columns);
    });
    done += places.length;
    onImages(done);
  }
  return { data, rows: rows.length, columns };
}

/** A batch of places in `rows` as one of rows. */
function ofRows({ group, rows: places }: ImageBatch, rows: Int32Array): ImageBatch {
  return { group, rows: places.map((place) => rows[place]!) };
}
