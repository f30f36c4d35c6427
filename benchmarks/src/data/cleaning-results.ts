import { type CleaningReport, cleaningGrid, selectVerified, type VerifiedPairs } from "@lmk/data";
import type { Report } from "../measure/report.ts";
import type { NoisySet } from "./cleaning-set.ts";
import type { CleaningSettings } from "./cleaning-settings.ts";

/** What one choice of thresholds does. */
export interface CleaningRow {
  readonly minInliers: number;
  readonly minVerified: number;
  readonly images: number;
  readonly landmarks: number;
  /** Wrong images among the removed ones, 0 to 1; null where none is removed. */
  readonly precision: number | null;
  /** Removed images among the wrong ones, 0 to 1. */
  readonly recall: number;
  /** Kept images among the right ones, 0 to 1. */
  readonly rightKept: number;
}

/** A result of the cleaning benchmark. */
export type CleaningBenchmark = Report<{
  readonly settings: CleaningSettings;
  readonly images: number;
  readonly landmarks: number;
  readonly wrong: number;
  /** Of the published thresholds. */
  readonly report: CleaningReport;
  /** Local features of an image. */
  readonly meanFeatures: number;
  /** Of the pairs of two right images, and of those with a wrong one. */
  readonly medianInliers: { readonly right: number; readonly wrong: number };
  readonly rows: readonly CleaningRow[];
  readonly seconds: Readonly<Record<string, number>>;
}>;

/** A row for each choice of thresholds. */
export function cleaningRows(
  pairs: VerifiedPairs,
  { train, wrong }: NoisySet,
  { minInliers, minVerified }: CleaningSettings,
): readonly CleaningRow[] {
  const wrongCount = wrong.reduce((sum, value) => sum + value, 0);
  const rightCount = wrong.length - wrongCount;
  return cleaningGrid(pairs, train.landmarkIds, { minInliers, minVerified }).map((cell) => {
    const { rows } = selectVerified(pairs, train.landmarkIds, {
      minInliers: cell.minInliers,
      minVerified: cell.minVerified,
    });
    if (rows.length !== cell.images) throw new Error(`${rows.length} rows kept, ${cell.images} in the grid`);
    const wrongKept = rows.reduce((sum, row) => sum + wrong[row], 0);
    const removed = wrong.length - rows.length;
    const wrongRemoved = wrongCount - wrongKept;
    return {
      ...cell,
      precision: removed === 0 ? null : wrongRemoved / removed,
      recall: wrongRemoved / wrongCount,
      rightKept: (rows.length - wrongKept) / rightCount,
    };
  });
}

/** The median inliers of the pairs of two right images, and of the others. */
export function medianInliers(pairs: VerifiedPairs, wrong: Uint8Array): { right: number; wrong: number } {
  const kinds: [number[], number[]] = [[], []];
  for (const [i, row] of pairs.rows.entries()) {
    kinds[wrong[row] | wrong[pairs.neighbors[i]]].push(pairs.inliers[i]);
  }
  const [right, other] = kinds.map(median);
  return { right, wrong: other };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
