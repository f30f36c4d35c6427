import type { NamedArrays } from "./parameters.ts";

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
  /** The weights that were evaluated; `train` gives them to callbacks, logs do not keep them. */
  readonly weights?: TrainedWeights;
}

/** The weights of a run, copied out when they are asked for. */
export interface TrainedWeights {
  readonly parameters: () => Promise<NamedArrays>;
  /** The moving averages; the parameters where none are kept. */
  readonly averages: () => Promise<NamedArrays>;
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
  /**
   * Tells callbacks apart that keep something in checkpoints, where their order changes between runs.
   *
   * @defaultValue "callback"
   */
  readonly name?: string;
  /** Gives back `"stop"`, or a promise of it, to do no step at all. */
  readonly onStart?: (run: { readonly steps: number; readonly fromStep: number }) => unknown;
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  /** Gives back `"stop"`, or a promise of it, to end the run after this step, with a checkpoint. */
  readonly onEvaluate?: (report: EvaluationReport) => unknown;
  readonly onCheckpoint?: (checkpoint: { readonly step: number }) => void | Promise<void>;
  /** Told in a line what the user should know, such as a checkpoint that is damaged. */
  readonly onNotice?: (line: string) => void;
  /** Told also when the run fails; `result` is undefined then. */
  readonly onEnd?: (result: TrainResult | undefined) => void | Promise<void>;
  /**
   * What the callback must remember beyond the process, as JSON or a promise of it; it is kept in the checkpoint, which is
   * written afterwards.
   */
  readonly save?: () => unknown;
  /** Given back what {@link save} gave when the checkpoint was written, before `onStart`. */
  readonly restore?: (saved: unknown) => void;
}
