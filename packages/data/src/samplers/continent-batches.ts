import { createRandom, shuffleInPlace } from "../random.ts";
import type { InternedStrings } from "../readers/interned-strings.ts";
import { requireBetween, requireInteger, requireLength, requireOneOf } from "../require.ts";
import { cutBatches } from "./cut-batches.ts";
import { type EpochOptions, requireEpoch } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";
import { rowsByClass } from "./rows-by-class.ts";

/** What the sampler knows of the images. */
export interface ContinentColumns {
  /** The continent of each row; a negative code leaves the row out. */
  readonly continents: InternedStrings;
  /** 1 for rows that are not on the cleaned list, 0 for those that are. */
  readonly noisy: Uint8Array;
}

/** How large a part of an epoch each continent is, and of that the cleaned images. */
export interface ContinentShares {
  /**
   * The share of each continent by its name, from 0 to 1; their sum is at most 1. A continent that is not named is never
   * drawn.
   *
   * @defaultValue {@link gld2021ContinentShares}
   */
  readonly shares?: Readonly<Record<string, number>>;
  /**
   * The share of cleaned images within each continent, from 0 to 1.
   *
   * @defaultValue 0.66, as the 2021 second place
   */
  readonly cleanShare?: number;
}

/** Options of {@link continentBatches}. */
export interface ContinentBatchesOptions extends EpochOptions, ContinentShares {
  /**
   * Images of the epoch, before rounding.
   *
   * @defaultValue as many as there are rows
   */
  readonly length?: number;
  /**
   * What to do where a continent that has a share has no cleaned or no noisy image: `"throw"`, as the original does, or
   * `"other"` takes the continent's other images instead, and leaves a continent without any image out.
   *
   * @defaultValue "throw"
   */
  readonly empty?: "throw" | "other";
}

/** The share of each continent in an epoch of the 2021 retrieval challenge's second place. Their sum is 1. */
export const gld2021ContinentShares: Readonly<Record<string, number>> = {
  Asia: 0.5,
  Europe: 0.2,
  Africa: 0.15,
  "North America": 0.1,
  "South America": 0.02,
  Antarctica: 0.01,
  Oceania: 0.01,
  OTHER: 0.01,
};

/** How many images an epoch takes from a continent. */
export interface ContinentQuota {
  readonly continent: string;
  readonly clean: number;
  readonly noisy: number;
}

/**
 * How many images of each continent an epoch takes.
 *
 * ```text
 * n_c = floor(length * share_c)      clean_c = floor(cleanShare * n_c)      noisy_c = n_c - clean_c
 * ```
 *
 * @param length - Images of the epoch, before rounding.
 * @returns One quota for each share, in their order.
 * @throws RangeError if `length` is not an integer of at least 0, a share is not from 0 to 1, or their sum is above 1.
 *
 * @example
 * ```ts
 * import { continentQuotas } from "@lmk/data";
 *
 * // One of eight ranks of the original, over 4,825,830 images.
 * console.log(continentQuotas(603_228)[0]); // => { continent: 'Asia', clean: 199065, noisy: 102549 }
 * ```
 */
export function continentQuotas(length: number, options: ContinentShares = {}): readonly ContinentQuota[] {
  return quotasOf("continentQuotas", length, options);
}

/**
 * Batches that draw a set part of an epoch from each continent, and of that a set part from the cleaned images: the sampler
 * of the 2021 retrieval challenge's second place, for a set whose continents are not those of the test.
 *
 * Rows are drawn with replacement, evenly within the cleaned and within the noisy images of a continent, and put into a
 * random order; what does not fill a batch is left out. {@link continentQuotas} tells how many. The original lets each rank
 * draw on its own from an unseeded generator, with the quotas of its part of the epoch; here all ranks share one draw, so that
 * the epoch does not depend on their number.
 *
 * @param columns - Continent and cleanliness of each row.
 * @returns The batches of the epoch, all of group 0; `copies` tells the draws of one image apart.
 * @throws RangeError if an option or code is out of range, `noisy` has not one number a row, or a quota has no images to draw
 * from.
 *
 * @example
 * ```ts
 * import { continentBatches } from "@lmk/data";
 *
 * const columns = {
 *   continents: { values: ["Asia", "Europe"], codes: Int32Array.of(0, 0, 1, 1) },
 *   noisy: Uint8Array.of(0, 1, 0, 1),
 * };
 * const shares = { Asia: 0.75, Europe: 0.25 };
 * const [batch] = continentBatches(columns, { shares, cleanShare: 0.5, length: 8, batchSize: 8 });
 * console.log([...batch.rows].filter((row) => row < 2).length); // => 6
 * ```
 */
export function continentBatches(
  columns: ContinentColumns,
  options: ContinentBatchesOptions = {},
): readonly ImageBatch[] {
  const caller = "continentBatches";
  const { continents, noisy } = columns;
  const { length = continents.codes.length, empty = "throw" } = options;
  const { batchSize, seed, epoch, shard } = requireEpoch(caller, options);
  requireLength(caller, "noisy", noisy.length, continents.codes.length);
  requireOneOf(caller, "empty", empty, ["throw", "other"]);
  const quotas = quotasOf(caller, length, options);
  const buckets = bucketsOf(caller, columns);

  const random = createRandom(seed, epoch);
  const drawn = new Int32Array(quotas.reduce((sum, { clean, noisy: dirty }) => sum + clean + dirty, 0));
  let used = 0;
  for (const { continent, clean, noisy: dirty } of quotas) {
    const code = continents.values.indexOf(continent);
    const images = [buckets(code, 0), buckets(code, 1)] as const;
    for (const [isNoisy, count] of [clean, dirty].entries()) {
      if (count === 0) continue;
      const other = empty === "other" ? images[1 - isNoisy] : noRows;
      const bucket = images[isNoisy].length > 0 ? images[isNoisy] : other;
      if (bucket.length === 0 && empty === "throw") {
        throw new RangeError(
          `${caller}: expected ${isNoisy === 1 ? "noisy" : "cleaned"} images of ${continent}, got none of ${count} to draw; give it no share, or \`empty: "other"\``,
        );
      }
      if (bucket.length === 0) continue;
      for (let i = 0; i < count; i++) drawn[used++] = bucket[Math.floor(random() * bucket.length)];
    }
  }
  const sequence = drawn.subarray(0, used);
  shuffleInPlace(sequence, random);
  return cutBatches(sequence, batchSize, shard);
}

const noRows = new Int32Array(0);

function quotasOf(caller: string, length: number, options: ContinentShares): readonly ContinentQuota[] {
  const { shares = gld2021ContinentShares, cleanShare = 0.66 } = options;
  requireInteger(caller, "length", length, 0);
  requireBetween(caller, "cleanShare", cleanShare, 0, 1);
  let sum = 0;
  for (const [continent, share] of Object.entries(shares)) {
    requireBetween(caller, `shares.${continent}`, share, 0, 1);
    sum += share;
  }
  // Ten tenths may add up to a little more than one.
  if (sum > 1 + 1e-9)
    throw new RangeError(`${caller}: expected \`shares\` with a sum of at most 1, got ${sum}`);
  return Object.entries(shares).map(([continent, share]) => {
    const images = Math.floor(length * share);
    const clean = Math.floor(cleanShare * images);
    return { continent, clean, noisy: images - clean };
  });
}

/** The rows of a continent that are noisy or not. */
function bucketsOf(
  caller: string,
  { continents: { values, codes }, noisy }: ContinentColumns,
): (code: number, isNoisy: number) => Int32Array {
  const keys = codes.map((code, row) => {
    if (code < values.length) return code < 0 ? -1 : 2 * code + (noisy[row] === 0 ? 0 : 1);
    throw new RangeError(
      `${caller}: expected \`continents.codes\` to be below ${values.length}, got ${code} in row ${row}`,
    );
  });
  const { classes, rows } = rowsByClass(keys);
  const places = new Map(Array.from(classes, (key, place) => [key, place]));
  return (code, isNoisy) => rows[places.get(2 * code + isNoisy) ?? -1] ?? noRows;
}
