import type { TrainCallback, TrainResult } from "./callback.ts";
import type { TrainOptions } from "./train-options.ts";

type Told = Pick<TrainOptions, "callbacks" | "communicator">;

/** Whether this process writes files and speaks to callbacks: alone, or as rank 0. */
export function isWriter({ communicator }: Told): boolean {
  return communicator === undefined || communicator.rank === 0;
}

/** Speaks to the callbacks one after the other, on rank 0, and gives back their answers. */
export async function tell<Answer>(
  options: Told,
  speak: (callback: TrainCallback) => Answer,
): Promise<Awaited<Answer>[]> {
  const answers: Awaited<Answer>[] = [];
  if (!isWriter(options)) return answers;
  for (const callback of options.callbacks ?? []) answers.push(await speak(callback));
  return answers;
}

/** Tells every callback that the run has ended, also when one before it failed; gives the first failure. */
export async function tellEnd(options: Told, result: TrainResult | undefined): Promise<unknown> {
  const failures: unknown[] = [];
  await tell(options, async (callback) => {
    try {
      await callback.onEnd?.(result);
    } catch (error) {
      failures.push(error);
    }
  });
  return failures[0];
}

/** Callbacks under the names that a checkpoint keeps their memory by. */
export function keyed(callbacks: readonly TrainCallback[] = []): [string, TrainCallback][] {
  const seen = new Map<string, number>();
  return callbacks.map((callback) => {
    const { name = "callback" } = callback;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [`${name} ${count}`, callback];
  });
}
