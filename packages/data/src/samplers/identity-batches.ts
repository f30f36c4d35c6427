import { createRandom, shuffleInPlace } from "../random.ts";
import { requireInteger, requireOneOf } from "../require.ts";
import { cutBatches } from "./cut-batches.ts";
import { type EpochOptions, requireDraw } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";
import { rowsByClass } from "./rows-by-class.ts";

/** Options of {@link identityBatches}. */
export interface IdentityBatchesOptions extends Omit<EpochOptions, "batchSize"> {
  /**
   * Classes in a batch, `P`; a multiple of the number of ranks.
   *
   * @defaultValue 16
   */
  readonly classes?: number;
  /**
   * Images of each class in a batch, `K`.
   *
   * @defaultValue 4
   */
  readonly images?: number;
  /**
   * What an epoch is: `"classes"` takes `K` images of each class once (`id_uniform` of the 2021 second place); `"images"`
   * takes each class as often as it has `K` images, and ends when fewer than `P` classes are left (the sampler of most
   * re-identification code).
   *
   * @defaultValue "classes"
   */
  readonly pass?: "classes" | "images";
  /**
   * Classes with fewer images are left out; 2 keeps classes without a positive pair away from pair losses.
   *
   * @defaultValue 1
   */
  readonly leastImages?: number;
}

/**
 * Batches of `P` classes with `K` images each, for losses on pairs and triplets.
 *
 * A class with fewer than `K` images gives each of them once and then some again, whose `copies` differ (the original draws
 * all `K` with replacement). The images of a class follow one another
 * in the batch, and a rank gets whole classes.
 *
 * @param labels - The class of each row, any integers; negative ones leave the row out.
 * @returns The batches of the epoch, all of group 0 and `P * K` long; classes that do not fill a batch are left out.
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { identityBatches } from "@lmk/data";
 *
 * const labels = Int32Array.of(7, 7, 8, 8, 9, 9);
 * const [batch] = identityBatches(labels, { classes: 2, images: 2, seed: 1 });
 * const [a, b, c, d] = [...batch.rows].map((row) => labels[row]);
 * console.log(a === b, c === d, a === c); // => true true false
 * ```
 *
 * @see {@link https://arxiv.org/abs/1703.07737 | Hermans et al. 2017, In Defense of the Triplet Loss}
 */
export function identityBatches(
  labels: Int32Array,
  options: IdentityBatchesOptions = {},
): readonly ImageBatch[] {
  const caller = "identityBatches";
  const { classes = 16, images = 4, pass = "classes", leastImages = 1 } = options;
  requireInteger(caller, "classes", classes, 1);
  requireInteger(caller, "images", images, 1);
  requireInteger(caller, "leastImages", leastImages, 1);
  requireOneOf(caller, "pass", pass, ["classes", "images"]);
  const { seed, epoch, shard } = requireDraw(caller, options);
  if (classes % shard.size !== 0) {
    throw new RangeError(
      `${caller}: expected \`classes\` to be a multiple of ${shard.size}, the number of ranks, got ${classes}`,
    );
  }

  const random = createRandom(seed, epoch);
  const groups = rowsByClass(labels).rows.filter((rows) => rows.length >= leastImages);
  const order = Int32Array.from({ length: groups.length }, (_, group) => group);
  shuffleInPlace(order, random);
  const chunks =
    pass === "classes"
      ? onePass(groups, order, images, random)
      : allImages(groups, order, { classes, images, random });
  return cutBatches(joined(chunks, images), classes * images, shard);
}

/** `K` images of each class once. */
function onePass(
  groups: readonly Int32Array[],
  order: Int32Array,
  images: number,
  random: () => number,
): readonly Int32Array[] {
  return Array.from(order, (group) => filledOrder(groups[group], images, random).subarray(0, images));
}

/** All chunks of `K` images, `P` different classes next to one another, as long as there are so many. */
function allImages(
  groups: readonly Int32Array[],
  order: Int32Array,
  {
    classes,
    images,
    random,
  }: { readonly classes: number; readonly images: number; readonly random: () => number },
): readonly Int32Array[] {
  const left = Array.from(order, (group) => ({ rows: filledOrder(groups[group], images, random), next: 0 }));
  const chunks: Int32Array[] = [];
  while (left.length >= classes) {
    for (let chosen = 0; chosen < classes; chosen++) {
      // The chosen ones move to the front.
      const at = chosen + Math.floor(random() * (left.length - chosen));
      [left[chosen], left[at]] = [left[at], left[chosen]];
      const group = left[chosen];
      chunks.push(group.rows.subarray(group.next, group.next + images));
      group.next += images;
    }
    for (let chosen = classes - 1; chosen >= 0; chosen--) {
      const group = left[chosen];
      if (group.next + images <= group.rows.length) continue;
      const last = left.pop() as (typeof left)[number];
      if (chosen < left.length) left[chosen] = last;
    }
  }
  return chunks;
}

/** The rows in a random order; where they are fewer than `images`, filled up with random ones of them. */
function filledOrder(rows: Int32Array, images: number, random: () => number): Int32Array {
  const order = rows.slice();
  shuffleInPlace(order, random);
  if (order.length >= images) return order;
  return Int32Array.from({ length: images }, (_, place) =>
    place < order.length ? order[place] : order[Math.floor(random() * order.length)],
  );
}

function joined(chunks: readonly Int32Array[], images: number): Int32Array {
  const all = new Int32Array(chunks.length * images);
  for (const [i, chunk] of chunks.entries()) all.set(chunk, i * images);
  return all;
}
