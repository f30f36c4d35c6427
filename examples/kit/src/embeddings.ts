import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Compiled, type CompileOptions, compile } from "@lmk/compile";
import { groupedBatches, type ImageBatch, type SizeTemplate } from "@lmk/data";
import { type ImagePaths, loadBatches } from "@lmk/data/images";
import type { Matrix } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import { type EmbeddingModel, embedMultiScale, type MultiScaleOptions, type NamedArrays } from "@lmk/models";
import { type Tensor4D, tensor } from "@tensorflow/tfjs-core";
import { UserError } from "./user-error.ts";

/** What turns images into embeddings. */
export interface EmbedSettings {
  readonly model: EmbeddingModel;
  readonly parameters: NamedArrays;
  readonly template: SizeTemplate;
  readonly batchSize: number;
  readonly multiScale: MultiScaleOptions;
  readonly compile: CompileOptions;
}

/** Compiled networks, one per image size, each made when it is first needed. */
export interface Embedder {
  readonly settings: EmbedSettings;
  readonly networkOf: (group: number) => Promise<Compiled>;
  readonly dispose: () => Promise<void>;
}

/** Prepares a model for extraction: its weights become constants of the compiled networks. */
export function createEmbedder(settings: EmbedSettings): Embedder {
  const { model, template, batchSize, multiScale } = settings;
  const networks = new Map<number, Promise<Compiled>>();
  const build = (group: number): Promise<Compiled> => {
    const { width, height } = template.sizes[group]!;
    return compile(
      ({ images }) => {
        const parameters = Object.fromEntries(
          Object.entries(settings.parameters).map(([name, { data, shape }]) => [
            name,
            tensor(data, [...shape]),
          ]),
        );
        return { outputs: { embedding: embedMultiScale(model, parameters, images as Tensor4D, multiScale) } };
      },
      { inputs: { images: { shape: [batchSize, height, width, 3] } } },
      settings.compile,
    );
  };
  return {
    settings,
    networkOf(group) {
      const known = networks.get(group);
      if (known) return known;
      const made = build(group);
      networks.set(group, made);
      return made;
    },
    async dispose() {
      for (const network of networks.values()) await (await network).dispose();
    },
  };
}

/** What is to be embedded, and where it is kept. */
export interface ExtractOptions {
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
  const { groups, file, batchesPerPart = 8 } = options;
  if (existsSync(file)) return;
  const { batchSize, model } = embedder.settings;
  const folder = `${file}.parts`;
  await mkdir(folder, { recursive: true });
  const batches = groupedBatches(groups, { batchSize, shuffle: false });
  let done = 0;
  for (let first = 0; first < batches.length; first += batchesPerPart) {
    const part = batches.slice(first, first + batchesPerPart);
    const path = join(folder, `part-${String(first).padStart(8, "0")}.npy`);
    if (!existsSync(path)) await writeNpy(path, await embedPart(embedder, options.paths, part));
    done += part.reduce((sum, { rows }) => sum + rows.length, 0);
    options.onProgress(done);
  }

  const order = new Map(
    [...groups.keys()].filter((row) => groups[row]! >= 0).map((row, position) => [row, position]),
  );
  const data = new Float32Array(order.size * model.dimension);
  const parts = readdirSync(folder)
    .filter((name) => name.endsWith(".npy"))
    .sort();
  const rows = batches.flatMap((batch) => [...batch.rows]);
  let at = 0;
  for (const name of parts) {
    const part = await readNpy(join(folder, name));
    for (let row = 0; row < part.rows; row++) {
      const to = order.get(rows[at++]!)! * model.dimension;
      data.set(part.data.subarray(row * part.columns, (row + 1) * part.columns), to);
    }
  }
  await writeNpy(file, { data, rows: order.size, columns: model.dimension });
  const old = `${folder}.old`;
  await rename(folder, old);
  await rm(old, { recursive: true });
}

async function embedPart(
  embedder: Embedder,
  paths: ImagePaths,
  batches: readonly ImageBatch[],
): Promise<Matrix> {
  const { template, batchSize, model } = embedder.settings;
  const count = batches.reduce((sum, { rows }) => sum + rows.length, 0);
  const data = new Float32Array(count * model.dimension);
  const loaded = loadBatches(paths, batches, {
    sizes: template.sizes,
    fill: "repeat",
    batchSize,
    reuseImages: true,
  });
  let at = 0;
  let batch = 0;
  for await (const { images, failures } of loaded) {
    const failure = failures[0];
    if (failure)
      throw new UserError(`${failure.path}: ${failure.message}; remove the image or pass --skip-corrupt`);
    const { group, rows } = batches[batch++]!;
    const { embedding } = await (await embedder.networkOf(group)).run({ images });
    data.set(
      (embedding!.data as Float32Array).subarray(0, rows.length * model.dimension),
      at * model.dimension,
    );
    at += rows.length;
  }
  return { data, rows: count, columns: model.dimension };
}
