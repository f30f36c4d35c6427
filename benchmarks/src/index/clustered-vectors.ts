import type { Matrix } from "@lmk/index";
import { createRandom } from "../measure/random.ts";

/** Directions in which centers differ, with a decaying spectrum. */
const centerRank = 64;
/** Directions in which the members of one cluster differ: their intrinsic dimension. */
const memberRank = 16;
/** Directions of which each cluster has {@link memberRank}. */
const poolSize = 1024;
/** Length of what is alike in all rows, beside that of a center, which is 1. */
const commonLength = 0.3;
/** Length of the noise in every direction. */
const noiseLength = 0.3;
/** Of a query's noise over that of a row. */
const queryNoise = 1.5;
/** Length of what a near-duplicate has of its own. */
const duplicateNoise = 0.03;
const backgroundShare = 0.2;
const duplicateShare = 0.05;
/** A near-duplicate repeats one of so many rows before it. */
const duplicateReach = 1000;
/** Queries are numbered from here, so that no row is one. */
const firstQuery = 2 ** 31;

const tableBits = 16;

/** What the vectors are made of. */
export interface ClusterOptions {
  readonly columns: number;
  readonly seed: number;
  /**
   * How many clusters there are. Cluster `c` is drawn in proportion to `(c + 1)^-0.6`: of 100,000 rows the largest of
   * 5,000 has some 2,600, the median cluster 9.
   *
   * @defaultValue 5000
   */
  readonly clusters?: number;
}

/** Some rows. */
export interface RowRange {
  readonly rows: number;
  /** @defaultValue 0 */
  readonly firstRow?: number;
}

/** Vectors as networks make them of landmarks. */
export interface ClusteredVectors {
  /** Row `r` depends on the options and on `r` alone. */
  rows(range: RowRange): Matrix;
  /** Members of clusters with half more noise, and background; none is a row. */
  queries(count: number): Matrix;
}

/**
 * Unit vectors with the structure of embeddings of landmarks rather than that of noise:
 *
 * - centers of clusters lie in 64 directions whose standard deviations fall as `1/√i`, about a common mean;
 * - members differ from their center in 16 directions of their cluster's own, with the same decay, by 0.4 to 1 of the
 *   center's length, and by noise of length 0.3 in all directions;
 * - sizes of clusters have a long tail;
 * - 20% of the rows are background: centers of their own that no other row has;
 * - 5% are near-duplicates (cosine 0.999) of one of the thousand rows before.
 *
 * Of 100,000 × 512 with seed 1, the best row of a query has an inner product of 0.78, the tenth of 0.62, the hundredth of
 * 0.48 (medians); the intrinsic dimension about a query (maximum likelihood over 100 neighbors) is 6 to 46, median 21, and
 * 141 for noise of the same shape; 121 principal components hold 80% of the variance. Python's hnswlib (M 16,
 * efConstruction 200) on 100,000 × 256 finds of the best ten with ef 10: 0.866, 16: 0.909, 32: 0.955, 64: 0.979, 128:
 * 0.991, 512: 0.998; of the best ten in normally distributed noise, with ef 10: 0.022, 64: 0.110, 512: 0.514.
 */
export function createClusteredVectors({ columns, seed, clusters = 5000 }: ClusterOptions): ClusteredVectors {
  const table = gaussianTable(seed);
  const mask = table.length - 1;
  const directions = gaussianRows(seed + 1, centerRank + 1, columns);
  const pool = gaussianRows(seed + 2, poolSize, columns);
  const centers = new Float32Array(clusters * columns);
  const centerSpectrum = spectrum(centerRank);
  const memberSpectrum = spectrum(memberRank);

  /** Adds a random center to zeros at `offset`. */
  function addCenter(target: Float32Array, offset: number, random: () => number): void {
    const common = directions.subarray(centerRank * columns, (centerRank + 1) * columns);
    addScaled(target, offset, common, commonLength);
    for (let i = 0; i < centerRank; i++) {
      const weight = centerSpectrum[i]! * table[random() & mask]!;
      addScaled(target, offset, directions.subarray(i * columns, (i + 1) * columns), weight);
    }
  }
  for (let cluster = 0; cluster < clusters; cluster++) {
    addCenter(centers, cluster * columns, createBits(seed + 3, cluster));
  }

  function addNoise(target: Float32Array, offset: number, length: number, random: () => number): void {
    const scale = length / Math.sqrt(columns);
    for (let j = 0; j < columns; j += 2) {
      const bits = random();
      target[offset + j] += scale * table[bits & mask]!;
      if (j + 1 < columns) target[offset + j + 1] += scale * table[bits >>> tableBits]!;
    }
  }

  /** Writes what row `number` is if it is no near-duplicate. */
  function writePlain(target: Float32Array, offset: number, number: number, noise: number): void {
    target.fill(0, offset, offset + columns);
    const random = createBits(seed + 4, number);
    if (random() / 2 ** 32 < backgroundShare) addCenter(target, offset, random);
    else {
      const cluster = Math.floor(clusters * (random() / 2 ** 32) ** 2.5);
      addScaled(target, offset, centers.subarray(cluster * columns, (cluster + 1) * columns), 1);
      const shape = createBits(seed + 5, cluster);
      const spread = 0.4 + (0.6 * shape()) / 2 ** 32;
      for (let i = 0; i < memberRank; i++) {
        const direction = shape() % poolSize;
        const weight = spread * memberSpectrum[i]! * table[random() & mask]!;
        addScaled(target, offset, pool.subarray(direction * columns, (direction + 1) * columns), weight);
      }
    }
    addNoise(target, offset, noise, random);
    normalize(target, offset, columns);
  }

  function writeRow(target: Float32Array, offset: number, row: number): void {
    const random = createBits(seed + 6, row);
    const isDuplicate = random() / 2 ** 32 < duplicateShare && row > 0;
    const plain = isDuplicate ? row - 1 - (random() % Math.min(row, duplicateReach)) : row;
    writePlain(target, offset, plain, noiseLength);
    if (!isDuplicate) return;
    addNoise(target, offset, duplicateNoise, random);
    normalize(target, offset, columns);
  }

  return {
    rows: ({ rows, firstRow = 0 }) => {
      const data = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) writeRow(data, row * columns, firstRow + row);
      return { data, rows, columns };
    },
    queries: (count) => {
      const data = new Float32Array(count * columns);
      for (let query = 0; query < count; query++)
        writePlain(data, query * columns, firstQuery + query, queryNoise * noiseLength);
      return { data, rows: count, columns };
    },
  };
}

/** Some rows of {@link createClusteredVectors}. Many chunks are made faster by one call of that function. */
export function clusteredVectors({ rows, firstRow = 0, ...options }: ClusterOptions & RowRange): Matrix {
  return createClusteredVectors(options).rows({ rows, firstRow });
}

/** Queries for the rows of {@link clusteredVectors} with the same columns, seed and clusters. */
export function clusteredQueries({ rows, ...options }: ClusterOptions & { readonly rows: number }): Matrix {
  return createClusteredVectors(options).queries(rows);
}

/** Standard deviations that fall as `1/√i`; their squares sum to 1. */
function spectrum(rank: number): Float64Array {
  const variances = Float64Array.from({ length: rank }, (_, i) => 1 / (i + 1));
  const sum = variances.reduce((total, variance) => total + variance);
  return variances.map((variance) => Math.sqrt(variance / sum));
}

/** 32 random bits at a time, of a stream and a number in it: mulberry32 on a mixed seed. */
function createBits(stream: number, number: number): () => number {
  let state = Math.imul(stream ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  state ^= state >>> 15;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Normally distributed numbers to pick from, which is faster than to draw each. */
function gaussianTable(seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: 2 ** tableBits }, () => gaussian(random));
}

/** Rows of length 1 in random directions. */
function gaussianRows(seed: number, rows: number, columns: number): Float32Array {
  const random = createRandom(seed);
  const data = Float32Array.from({ length: rows * columns }, () => gaussian(random));
  for (let row = 0; row < rows; row++) normalize(data, row * columns, columns);
  return data;
}

/** Box and Muller's. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function addScaled(target: Float32Array, offset: number, source: Float32Array, weight: number): void {
  const columns = source.length;
  for (let j = 0; j < columns; j++) target[offset + j] += weight * source[j]!;
}

function normalize(data: Float32Array, offset: number, columns: number): void {
  let sum = 0;
  for (let j = 0; j < columns; j++) sum += data[offset + j]! ** 2;
  const scale = 1 / Math.sqrt(sum);
  for (let j = 0; j < columns; j++) data[offset + j] *= scale;
}
