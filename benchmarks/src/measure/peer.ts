/** What a benchmark runs of a task: training steps, or inference. */
export type Mode = "train" | "infer";

/** One side of a comparison. */
export interface Peer {
  readonly name: string;
  /** One training step, whose value is the loss, or one inference, whose values are the logits. */
  run(): Promise<PeerRun>;
  close(): Promise<void>;
}

/** What one run of a {@link Peer} took and gave. */
export interface PeerRun {
  readonly milliseconds: number;
  readonly values: ArrayLike<number>;
}

/** Resident bytes of a process. */
export interface Memory {
  /** After the libraries were loaded. */
  readonly loaded: number;
  /** At most, so far. */
  readonly peak: number;
}
