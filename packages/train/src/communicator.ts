/**
 * The processes that train one model together, as each of them sees it. `@lmk/train/mpi` makes one over MPI.
 *
 * Every rank must call the same operations in the same order, with arrays of the same lengths.
 */
export interface Communicator {
  /** This process, from 0 to `size − 1`. Rank 0 alone writes files. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** Replaces each value by its mean over the ranks, in all arrays; equal bits on every rank. */
  readonly mean: (arrays: readonly Float32Array[]) => Promise<void>;
  /** {@link mean} that blocks until it is done, for code that cannot wait, such as an op that runs eagerly. */
  readonly meanSync: (arrays: readonly Float32Array[]) => void;
  /** Replaces the values of every rank by those of rank 0. */
  readonly broadcast: (arrays: readonly Float32Array[]) => Promise<void>;
  /** The largest of the ranks' values. */
  readonly max: (value: number) => Promise<number>;
  /** Seconds spent in these operations so far. */
  readonly seconds: () => number;
  /** Ends the membership, once every rank has come here. */
  readonly close: () => Promise<void>;
}
