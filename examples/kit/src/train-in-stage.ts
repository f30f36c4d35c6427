import * as compiler from "@lmk/compile";
import { compiledEngine, type Engine, stopOnInterrupt, type TrainCallback } from "@lmk/train";
import { progressLog } from "@lmk/train/progress";
import type { RunOptions } from "./command-line.ts";
import { type Context, engineSettings } from "./context.ts";
import { InterruptedError } from "./user-error.ts";

/** What every training of a run is given. */
export interface TrainingSurroundings {
  readonly engine: Engine;
  readonly callbacks: readonly TrainCallback[];
  readonly signal: AbortSignal;
  readonly onNotice: (line: string) => void;
}

/**
 * Trains within a stage, shows how far it is, and ends the program in good order where it is interrupted.
 *
 * @param name - Shown with its progress.
 * @param train - Returns the steps that are done, with whatever it has made.
 * @throws {InterruptedError} if Ctrl-C or a signal to end arrived; the training is saved then.
 */
export async function trainInStage<Trained extends { readonly step: number }>(
  context: Pick<Context<unknown, RunOptions>, "options" | "notice">,
  name: string,
  train: (surroundings: TrainingSurroundings) => Promise<Trained>,
): Promise<Trained> {
  const stop = stopOnInterrupt();
  const trained = await train({
    engine: compiledEngine(compiler, engineSettings(context)),
    callbacks: [progressLog({ label: `  ${name}` })],
    signal: stop.signal,
    onNotice: context.notice,
  }).finally(stop.dispose);
  if (stop.signal.aborted) {
    throw new InterruptedError(`stopped; ${name} is saved at step ${trained.step}`, stop.exitCode());
  }
  return trained;
}
