import {
  type ContinentShares,
  continentBatches,
  type ImageBatch,
  type InternedStrings,
  identityBatches,
  shuffledBatches,
} from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import type { YmlConfig } from "./yml-config.ts";

/** What a sampler knows of the images of a list; each column has a value for each row. */
export interface SampledImages {
  /** Classes from 0; images of a negative class are not drawn. */
  readonly classIds: Int32Array;
  /** 1 for images that are not on the cleaned list. */
  readonly noisy: Uint8Array;
  /** Continents; a list without them has only negative codes. */
  readonly tags: InternedStrings;
}

/** Options of {@link epochBatches}. */
export interface EpochBatchesOptions extends Pick<ContinentShares, "shares"> {
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Which of the processes that train together this one is. */
  readonly shard?: { readonly rank: number; readonly size: number };
  /**
   * Images of a batch, those of all processes together.
   *
   * @defaultValue {@link batchSizeOf} the config
   */
  readonly batchSize?: number;
  /**
   * What becomes of a continent without cleaned or without other images; see `continentBatches`.
   *
   * @defaultValue "throw", as the original
   */
  readonly empty?: "throw" | "other";
}

/** How many devices the original trains a config on. */
export function devicesOf({ MODEL }: Pick<YmlConfig, "MODEL">): number {
  return MODEL.DEVICE_ID.split(",").length;
}

/** Images of a batch of all devices together. */
export function batchSizeOf(config: Pick<YmlConfig, "MODEL" | "SOLVER">): number {
  return config.SOLVER.IMS_PER_BATCH * devicesOf(config);
}

/**
 * The batches of an epoch, by `DATALOADER.SAMPLER`.
 *
 * - `softmax`: each image once; the last batch is filled up with images of the first.
 * - `gld`: as many images as there are, by the shares of their continents and two thirds of them cleaned.
 * - `id_uniform`: `NUM_INSTANCE` images of each class, as often as there are devices, each of which goes over all classes
 *   in the original.
 * - `img_uniform`: so many of a class at a time until all of its images have come.
 *
 * Images of classes with fewer than `REMOVE_TAIL` are never drawn.
 *
 * @throws UserError for `gld` and a list without continents, and if `NUM_INSTANCE` does not divide a batch.
 */
export function epochBatches(
  config: Pick<YmlConfig, "MODEL" | "SOLVER" | "DATALOADER">,
  images: SampledImages,
  options: EpochBatchesOptions,
): readonly ImageBatch[] {
  const { SAMPLER, NUM_INSTANCE, REMOVE_TAIL } = config.DATALOADER;
  const { batchSize = batchSizeOf(config), shares, empty = "throw", ...draw } = options;
  const labels = withoutTail(images.classIds, REMOVE_TAIL);
  if (SAMPLER === "softmax") {
    const rows = Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
    return shuffledBatches(rows, { ...draw, batchSize, last: "repeat" });
  }
  if (SAMPLER === "gld") {
    const { values, codes } = images.tags;
    if (codes.every((code) => code < 0)) {
      throw new UserError(
        "DATALOADER.SAMPLER: expected a list with continents for gld, got one without; take cache_all_list.pkl",
      );
    }
    const drawn = codes.map((code, row) => (labels[row]! >= 0 ? code : -1));
    const length = labels.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0);
    const columns = { continents: { values, codes: drawn }, noisy: images.noisy };
    return continentBatches(columns, {
      ...draw,
      batchSize,
      length,
      empty,
      ...(shares === undefined ? {} : { shares }),
    });
  }
  const classes = batchSize / NUM_INSTANCE;
  if (!Number.isInteger(classes)) {
    throw new UserError(
      `DATALOADER.NUM_INSTANCE: expected a number that divides a batch of ${batchSize}, got ${NUM_INSTANCE}; change one of them`,
    );
  }
  if (SAMPLER === "img_uniform")
    return identityBatches(labels, { ...draw, classes, images: NUM_INSTANCE, pass: "images" });
  const devices = devicesOf(config);
  return Array.from({ length: devices }, (_, device) =>
    identityBatches(labels, { ...draw, epoch: draw.epoch * devices + device, classes, images: NUM_INSTANCE }),
  ).flat();
}

/** Classes with -1 in place of those that have fewer images. */
function withoutTail(classIds: Int32Array, least: number): Int32Array {
  if (least <= 1) return classIds;
  const counts = new Map<number, number>();
  for (const classId of classIds) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return classIds.map((classId) => (counts.get(classId)! < least ? -1 : classId));
}
