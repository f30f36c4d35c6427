import * as compiler from "@lmk/compile";
import { compiledEngine, type Engine, stopOnInterrupt, type TrainCallback } from "@lmk/train";
import { progressLog } from "@lmk/train/progress";
import { InterruptedError } from "./user-error.ts";

/** Where a training runs, and who is told of it: the context of a run has all of it. */
export interface TrainingContext {
  readonly options: { readonly provider: "cpu" | "cuda" | "webgpu"; readonly threads: number };
  /** Shows a line. */
  readonly notice: (line: string) => void;
}

/** What every training is given. */
export interface TrainingSurroundings {
  readonly engine: Engine;
  readonly callbacks: readonly TrainCallback[];
  readonly signal: AbortSignal;
  readonly onNotice: (line: string) => void;
}

/**
 * Trains, shows how far it is, and ends the program in good order where it is interrupted.
 *
 * @param name - Shown with its progress.
 * @throws {InterruptedError} if Ctrl-C or a signal to end arrived, here or at a process that trains with this one; the training is
 * saved then.
 */
export async function trainInStage<Trained extends { readonly reason: string; readonly step: number }>(
  { options, notice }: TrainingContext,
  name: string,
  train: (surroundings: TrainingSurroundings) => Promise<Trained>,
): Promise<Trained> {
  const { provider, threads } = options;
  const stop = stopOnInterrupt();
  const trained = await train({
    engine: compiledEngine(compiler, { provider, threads }),
    callbacks: [progressLog({ label: `  ${name}` })],
    signal: stop.signal,
    onNotice: notice,
  }).finally(stop.dispose);
  if (trained.reason === "interrupted") {
    throw new InterruptedError(`stopped; ${name} is saved at step ${trained.step}`, stop.exitCode() || 130);
  }
  return trained;
}
