/** What {@link stopOnInterrupt} gives. */
export interface InterruptStop {
  /** Aborts at the first signal; for the option `signal` of {@link train}. */
  readonly signal: AbortSignal;
  /** What the process should exit with: 0 without a signal, 130 after SIGINT, 143 after SIGTERM. */
  readonly exitCode: () => number;
  /** Gives the signals back to the process's own handling. */
  readonly dispose: () => void;
}

/** Numbers that shells give to processes ended by a signal: 128 and the signal's own. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ends a run in order when the process is asked to stop: the step is finished and saved. A second signal ends the process
 * at once, as it would have without this function.
 *
 * @example
 * ```ts
 * import { stopOnInterrupt } from "@lmk/train";
 *
 * const stop = stopOnInterrupt();
 * // await train({ …, signal: stop.signal });
 * stop.dispose();
 * process.exitCode = stop.exitCode(); // => 0
 * ```
 */
export function stopOnInterrupt(): InterruptStop {
  const controller = new AbortController();
  let code = 0;
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  const dispose = (): void => {
    for (const name of names) process.off(name, stop);
  };
  const stop = (name: keyof typeof exitCodes): void => {
    code = exitCodes[name];
    dispose();
    controller.abort();
  };
  for (const name of names) process.on(name, stop);
  return { signal: controller.signal, exitCode: () => code, dispose };
}
