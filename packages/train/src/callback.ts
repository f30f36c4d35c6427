/** What happened in one step. */
export interface StepReport {
  /** Steps done, this one included. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Images of the step, of all ranks and all accumulated batches. */
  readonly images: number;
  /** Wall time of the step, in seconds: loading, computing, exchanging. */
  readonly seconds: number;
  /** Scalars that the step gives besides the loss. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What an evaluation found. */
export interface EvaluationReport {
  /** Steps done. */
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** How a run ended. */
export interface TrainResult {
  /** Steps done, those before the run's start included. */
  readonly step: number;
  /** All steps done, a callback wanted to stop, or the run was interrupted. */
  readonly reason: "finished" | "stopped" | "interrupted";
  /** The loss of the last step; NaN if there was nothing left to do. */
  readonly loss: number;
}

/** Told what happens in a run: logs, progress bars, early stopping. Only rank 0's are told. */
export interface TrainCallback {
  readonly onStart?: (run: { readonly steps: number; readonly fromStep: number }) => void | Promise<void>;
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  /** Gives back `"stop"` to end the run after this step, with a checkpoint. */
  readonly onEvaluate?: (
    report: EvaluationReport,
  ) => undefined | "stop" | void | Promise<undefined | "stop" | void>;
  readonly onCheckpoint?: (checkpoint: { readonly step: number }) => void | Promise<void>;
  /** Told also when the run fails; `result` is undefined then. */
  readonly onEnd?: (result: TrainResult | undefined) => void | Promise<void>;
  /** What the callback must remember beyond the process, as JSON; it is kept in the checkpoint. */
  readonly save?: () => unknown;
  /** Given back what {@link save} gave when the checkpoint was written, before `onStart`. */
  readonly restore?: (saved: unknown) => void;
}
