import { setImmediate as nextTurn } from "node:timers/promises";
import type { Preprocessing } from "../images/preprocessing.ts";
import { type InputImage, toInput } from "../images/to-input.ts";
import {
  decode,
  failureOf,
  type ImageFailure,
  type ImageSource,
  isPixels,
  MissingPackageError,
  requireSource,
} from "../sources/image-source.ts";
import { type Items, readAhead, unlessAborted } from "../sources/read-ahead.ts";
import type { Engine, PreparedImages } from "./engine.ts";
import { type EmbeddingRows, emptyRows, type Storage, storeRows, unitRows } from "./rows.ts";

/** Options of an embedder's runs. */
export interface EmbedOptions {
  /**
   * Stops the run at once, whatever it is waiting for. What a native library has begun goes on to its end, and what comes
   * of it is dropped.
   */
  readonly signal?: AbortSignal;
  /** Told after each batch how many images are through, those that failed among them. */
  readonly onProgress?: (done: number) => void;
}

/** Embeddings of images of one size. */
export interface EmbeddedBatch<S extends Storage = "float32"> {
  /** A row for each image; none in a last batch that only reports failures. */
  readonly embeddings: EmbeddingRows<S>;
  /** For each row of `embeddings` the position of its image among the sources. */
  readonly rows: Int32Array;
  /** Images that could not be read since the batch before. */
  readonly failures: readonly ImageFailure[];
}

/** What a run needs. */
export interface EmbedSettings<S extends Storage = Storage> {
  readonly engine: Engine;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly normalize: boolean;
  readonly storage: S;
  readonly autoOrient: boolean;
}

/** An image that is read, or the reason why it is not. */
type Prepared =
  | { readonly row: number; readonly input: InputImage }
  | { readonly failure: ImageFailure }
  | { readonly missing: MissingPackageError };

/** Images of one size that wait for their batch to be full. */
type Group = { readonly row: number; readonly input: InputImage }[];

/** Batches' worth of images that wait in groups, at most, before the oldest group goes although it is not full. */
const waitingBatches = 8;

/** Embeds images batch by batch, those of one size together. */
export async function* embedImages<S extends Storage>(
  settings: EmbedSettings<S>,
  images: Items<ImageSource>,
  { signal, onProgress }: EmbedOptions,
): AsyncGenerator<EmbeddedBatch<S>, void, undefined> {
  if (typeof images === "string") {
    throw new TypeError("embed: expected `images` to be a list or a stream of images, got one string");
  }
  const { batchSize, concurrency } = settings;
  const groups = new Map<string, Group>();
  let failures: ImageFailure[] = [];
  let waiting = 0;
  let done = 0;
  const take = async (key: string): Promise<EmbeddedBatch<S>> => {
    const group = groups.get(key) ?? [];
    groups.delete(key);
    waiting -= group.length;
    const embeddings = await unlessAborted(embedGroup(settings, group), signal);
    const batch = { embeddings, rows: Int32Array.from(group, ({ row }) => row), failures };
    done += group.length + failures.length;
    failures = [];
    onProgress?.(done);
    return batch;
  };

  const prepare = (source: ImageSource, row: number): Promise<Prepared> => {
    requireSource("embed", row, source);
    return prepareImage(settings, source, row);
  };
  for await (const prepared of readAhead(images, prepare, { limit: concurrency, signal })) {
    if ("missing" in prepared) throw prepared.missing;
    if ("failure" in prepared) {
      failures.push(prepared.failure);
      continue;
    }
    const { width, height } = prepared.input;
    const key = `${width} × ${height}`;
    const group = groups.get(key) ?? [];
    group.push(prepared);
    groups.set(key, group);
    waiting++;
    if (group.length === batchSize) yield await take(key);
    else if (waiting >= waitingBatches * batchSize) yield await take([...groups.keys()][0]!);
  }
  for (const key of [...groups.keys()]) yield await take(key);
  if (failures.length > 0) yield await take("");
}

/** Decodes an image, and resizes it as soon as that is done, so that its pixels are not kept. */
async function prepareImage(
  { preprocessing, autoOrient }: EmbedSettings,
  source: ImageSource,
  row: number,
): Promise<Prepared> {
  try {
    if (!isPixels(source))
      return { row, input: toInput(await decode("embed", source, autoOrient), preprocessing) };
    const input = toInput(source, preprocessing);
    // Gives timers and signals their turn, which a long list of pixels would not.
    await nextTurn();
    return { row, input };
  } catch (error) {
    if (error instanceof MissingPackageError) return { missing: error };
    return { failure: failureOf(row, source, error) };
  }
}

async function embedGroup<S extends Storage>(
  settings: EmbedSettings<S>,
  group: Group,
): Promise<EmbeddingRows<S>> {
  const [first] = group;
  if (first === undefined) return emptyRows(settings.storage, 0, settings.engine.dimension ?? 0);
  const { height, width } = first.input;
  const size = height * width * 3;
  const data = new Float32Array(Math.max(group.length, settings.engine.batch ?? 0) * size);
  group.forEach(({ input }, i) => {
    data.set(input.data, i * size);
  });
  return embedPrepared("embed", settings, { data, count: group.length, height, width });
}

/** Embeds images of one size. */
export async function embedPrepared<S extends Storage>(
  caller: string,
  { engine, normalize, storage }: Pick<EmbedSettings<S>, "engine" | "normalize" | "storage">,
  images: PreparedImages,
): Promise<EmbeddingRows<S>> {
  const embeddings = await engine.run(caller, images);
  return storeRows(storage, normalize ? unitRows(embeddings) : embeddings);
}
