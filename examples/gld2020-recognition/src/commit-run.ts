/** Train tables longer than this are not the hidden one. */
const longestHiddenTable = 100_001;

/** What a run of the notebook on the public data works on: enough to see that it runs. */
export interface CommitRun {
  /** Rows of the train table that are searched: of every tenth row the 501st to the 1000th. */
  readonly trainRows: Int32Array;
  /** Test images that are looked at, the first ones. */
  readonly testImages: number;
}

/**
 * The part of the public data that the notebook works on when it is saved; none where the train table is short enough to
 * be the hidden one, all of which counts.
 */
export function commitRunOf(trainImages: number): CommitRun | undefined {
  if (trainImages <= longestHiddenTable) return undefined;
  return { trainRows: Int32Array.from({ length: 500 }, (_, i) => 10 * (500 + i)), testImages: 101 };
}
