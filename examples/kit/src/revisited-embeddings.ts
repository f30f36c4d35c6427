import { join } from "node:path";
import type { Matrix } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import type { MultiScaleOptions } from "@lmk/models";
import type { Embedder, EmbedderOptions, ImageSource } from "@lmk/models/embedder";
import { preprocessings } from "@lmk/models/images";
import { runPartedStage } from "./parted-stage.ts";
import {
  cutQuery,
  type PixelBox,
  pixelBox,
  type QueryCrop,
  queryLimit,
  type Size,
  thumbnailSize,
} from "./revisited-images.ts";
import { type MeasuredSet, measureRevisitedSet, type RevisitedSet } from "./revisited-set.ts";
import { type CompletedStage, hashOf, type RunFolder } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** How the network is to be opened: what is not here is the caller's. */
export type RevisitedEmbedderOptions = Required<
  Pick<EmbedderOptions, "preprocessing" | "autoOrient" | "batchSize" | "normalize">
> & { readonly scales: MultiScaleOptions };

/** What is embedded, and how. */
export interface EmbedRevisitedOptions {
  readonly run: RunFolder;
  /** The folder of the ground truth and of `jpg/`, or the file of the ground truth. */
  readonly folder: string;
  /** Everything that says which network it is; JSON. */
  readonly network: unknown;
  /** The stages that the network comes from. */
  readonly after?: readonly CompletedStage[];
  /** Opens the network, where something is left to embed. */
  readonly openEmbedder: (options: RevisitedEmbedderOptions) => Promise<Embedder>;
  /**
   * Sizes at which images are embedded.
   *
   * @defaultValue `revisitedScales.multi`
   */
  readonly scales?: MultiScaleOptions;
  /**
   * Longer side of the images, in pixels; smaller ones stay as they are.
   *
   * @defaultValue 1024
   */
  readonly maxSide?: number;
  /** @defaultValue "published" */
  readonly queryCrop?: QueryCrop;
  /**
   * Images whose embeddings are saved together.
   *
   * @defaultValue 64
   */
  readonly imagesPerPart?: number;
  /** Shows how far the embedding is. */
  readonly progress?: (
    label: string,
    total: number,
  ) => { readonly update: (done: number) => void; readonly stop: () => void };
}

/** How the 2019 winners embedded these sets: at one size, or at three whose raw embeddings are averaged. */
export const revisitedScales: Readonly<Record<"single" | "multi", MultiScaleOptions>> = {
  single: scalesOf([1]),
  multi: scalesOf([Math.SQRT1_2, 1, Math.SQRT2]),
};

/**
 * Scales in the winners' way: sides are floored to multiples of the network's stride, at one scale as well. Their code
 * stops where nothing is left of a side; here one stride is.
 */
export function scalesOf(scales: readonly number[]): MultiScaleOptions {
  return { scales, minimumSide: 32, sides: "stride", alignCorners: true, normalize: "none" };
}

/** An image to embed. */
interface Job {
  /** Its row among the images to search and, after them, the queries. */
  readonly row: number;
  /** Its size as the network gets it. */
  readonly size: Size;
  readonly open: () => Promise<ImageSource>;
}

/**
 * Embeds the images and the queries of a set: a stage of parts with `index.npy` and `queries.npy`, rows of length 1.
 *
 * Queries are cut to their boxes. Images go through the network one by one, those of one size one after the other.
 */
export async function embedRevisitedSet(
  set: RevisitedSet,
  stage: string,
  options: EmbedRevisitedOptions,
): Promise<CompletedStage> {
  const { run, folder, network, after = [], progress, imagesPerPart = 64 } = options;
  const { maxSide = 1024, queryCrop = "published", scales = revisitedScales.multi } = options;
  const indexRows = set.index.ids.length;
  const total = indexRows + set.queries.ids.length;
  const bar = progress?.(stage, total);
  let measured: Promise<readonly Job[]> | undefined;
  const jobs = (): Promise<readonly Job[]> => {
    measured ??= measureRevisitedSet(set, folder).then((sizes) => jobsOf(sizes, { maxSide, queryCrop }));
    return measured;
  };
  let opening: Promise<Embedder> | undefined;
  const settings = {
    settings: { set: contentOf(set), network, maxSide, queryCrop, scales, imagesPerPart },
    after,
    parts: Math.ceil(total / imagesPerPart),
  };
  try {
    return await runPartedStage(run, stage, settings, {
      extension: "npy",
      makePart: async (part, path) => {
        const own = (await jobs()).slice(part * imagesPerPart, (part + 1) * imagesPerPart);
        const preprocessing = preprocessings.revisited(maxSide);
        const how = { preprocessing, scales, autoOrient: false, batchSize: 1, normalize: true };
        opening ??= options.openEmbedder(how);
        await writeNpy(path, await embedJobs(await opening, own));
      },
      onProgress: (done) => bar?.update(Math.min(done * imagesPerPart, total)),
      finish: async (to, paths) => {
        const all = await joinParts(paths, await jobs());
        const { columns } = all;
        const cut = indexRows * columns;
        await writeNpy(join(to, "index.npy"), { data: all.data.subarray(0, cut), rows: indexRows, columns });
        const queries = { data: all.data.subarray(cut), rows: total - indexRows, columns };
        await writeNpy(join(to, "queries.npy"), queries);
      },
    });
  } finally {
    bar?.stop();
    await (await opening)?.dispose();
  }
}

/** Changes with the images, the queries, their boxes and what is right. */
function contentOf({ name, index, queries, boxes, protocols }: RevisitedSet): string {
  const names = [index, queries].map(({ ids }) =>
    Array.from({ length: ids.length }, (_, row) => ids.at(row)),
  );
  const truth = [...protocols].map(([protocol, { relevant, ignored }]) => [
    protocol,
    [...relevant, ...ignored].map((rows) => [...rows]),
  ]);
  return hashOf({ name, names, boxes: [...boxes], truth });
}

/** All images and queries, those of one size together, so that a network is prepared once for each size. */
function jobsOf(set: MeasuredSet, options: { maxSide: number; queryCrop: QueryCrop }): Job[] {
  const { index, queries, boxes, indexSizes, querySizes } = set;
  const sizeAt = ({ widths, heights }: MeasuredSet["indexSizes"], row: number): Size => ({
    width: widths[row]!,
    height: heights[row]!,
  });
  const images = Array.from({ length: index.ids.length }, (_, row): Job => {
    const size = thumbnailSize(sizeAt(indexSizes, row), options.maxSide);
    return { row, size, open: async () => index.paths.at(row) };
  });
  const cuts = Array.from({ length: queries.ids.length }, (_, query): Job => {
    const full = sizeAt(querySizes, query);
    const box = pixelBox(boxes.subarray(4 * query, 4 * query + 4));
    requireInside(queries.paths.at(query), box, full);
    const limit = queryLimit(box, full, options);
    const size = thumbnailSize(box, limit);
    const row = images.length + query;
    return { row, size, open: () => cutQuery(queries.paths.at(query), box, full, limit) };
  });
  return [...images, ...cuts].sort(
    (a, b) => a.size.width - b.size.width || a.size.height - b.size.height || a.row - b.row,
  );
}

function requireInside(path: string, { left, top, width, height }: PixelBox, full: Size): void {
  const isInside = left < full.width && top < full.height && left + width > 0 && top + height > 0;
  if (width >= 1 && height >= 1 && isInside) return;
  throw new UserError(
    `${path}: expected a box on an image of ${full.width} × ${full.height} pixels, got ${width} × ${height} at ${left}, ${top}; check bbx in the ground truth`,
  );
}

async function embedJobs(embedder: Embedder, jobs: readonly Job[]): Promise<Matrix> {
  async function* sources(): AsyncGenerator<ImageSource> {
    for (const job of jobs) yield await job.open();
  }
  const columns = embedder.dimension!;
  const data = new Float32Array(jobs.length * columns);
  for await (const { embeddings, rows, failures } of embedder.embed(sources())) {
    const [failure] = failures;
    if (failure) throw new UserError(`${failure.path ?? "query"}: ${failure.message}; bring the image again`);
    rows.forEach((row, i) => {
      data.set(embeddings.data.subarray(i * columns, (i + 1) * columns), row * columns);
    });
  }
  return { data, rows: jobs.length, columns };
}

/** The parts' rows, in the order of the set. */
async function joinParts(paths: readonly string[], jobs: readonly Job[]): Promise<Matrix> {
  let data: Float32Array | undefined;
  let columns = 0;
  let at = 0;
  for (const path of paths) {
    const part = await readNpy(path);
    columns = part.columns;
    data ??= new Float32Array(jobs.length * columns);
    for (let row = 0; row < part.rows; row++) {
      data.set(part.data.subarray(row * columns, (row + 1) * columns), jobs[at++]!.row * columns);
    }
  }
  return { data: data ?? new Float32Array(0), rows: jobs.length, columns };
}
