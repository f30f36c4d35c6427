import { type CleaningReport, selectVerified, type VerificationThresholds } from "./select-verified.ts";
import type { VerifiedPairs } from "./verified-pairs.ts";
import { type VerifyPairsOptions, verifyPairs } from "./verify-pairs.ts";

/** Options of {@link cleanByVerification}. */
export interface CleanByVerificationOptions
  extends Omit<VerifyPairsOptions, "shard">,
    VerificationThresholds {}

/** What {@link cleanByVerification} gives back. */
export interface CleanedRows {
  /** The rows that stay, ascending. */
  readonly rows: Int32Array;
  /** What each step left. */
  readonly report: CleaningReport;
  /** Every verified pair, for `cleaningGrid` and other thresholds. */
  readonly pairs: VerifiedPairs;
}

/**
 * Cleans a train set of wrong labels as the winners of 2019 did: an image stays if enough of its nearest images of the
 * same label show the same thing, as their local features tell.
 *
 * ```text
 * candidates(row) = of its k nearest rows the first 100 of the same label, without its own entry
 * inliers(row, other) = verify(row, candidates(row))
 * kept = rows with >= minVerified candidates of >= minInliers, of landmarks with >= minImages such rows
 * ```
 *
 * `verifyPairs` and `selectVerified` are the two halves; with a set of millions the first runs in shards.
 *
 * The published code drops a last chunk of up to 1000 pairs in each of its 32 blocks; nothing is dropped here.
 *
 * @throws RangeError as `verifyPairs` and `selectVerified`. What `neighbors`, `verify` or `signal` throw passes as it is.
 *
 * @example
 * ```ts
 * import { cleanByVerification } from "@lmk/data";
 *
 * const labels = Int32Array.of(1, 1, 1);
 * const ids = Int32Array.of(0, 1, 2, 1, 0, 2, 2, 1, 0);
 * const neighbors = { ids, scores: new Float32Array(9), rows: 3, k: 3 };
 * const verify = (row: number, others: Int32Array) => others.map((other) => (row + other === 1 ? 50 : 2));
 * const { rows } = await cleanByVerification({ labels, neighbors, verify, minVerified: 1 });
 * console.log([...rows]); // => [ 0, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export async function cleanByVerification(options: CleanByVerificationOptions): Promise<CleanedRows> {
  // Refuses bad thresholds before hours of verification.
  selectVerified({ rows: none, neighbors: none, inliers: none }, none, options);
  const pairs = await verifyPairs(options);
  return { ...selectVerified(pairs, options.labels, options), pairs };
}

const none = new Int32Array(0);
