import type { RunOptions } from "../matrix.ts";
import { type CrewCall, createCrew } from "./crew.ts";
import type { Method } from "./method.ts";
import { mainProgram, type ThreadProgram } from "./program.ts";
import { createReporter } from "./reporter.ts";
import { crewsOf, defaultThreads } from "./thread-pool.ts";

/** Milliseconds after which work on the calling thread lets other work go first. */
const sliceMilliseconds = 25;

/**
 * Does the work of a method in threads, or in slices on the calling thread. The method itself, with its checks and what
 * it does between two stages, runs on the calling thread.
 *
 * @param caller - The public function, as errors name it.
 * @param program - What threads run: it has the tasks of the method.
 */
export async function runMethodAsync<Result>(
  caller: string,
  method: Method<Result>,
  options: RunOptions,
  program: ThreadProgram = mainProgram,
): Promise<Result> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  requireThreads(caller, options);
  let step = method.next([]);
  if (step.done === true) return step.value;
  const starting = beginCall(options, program);
  const stop = whenAborted(signal);
  try {
    const workers = await Promise.race([starting, stop.aborted]);
    while (step.done !== true) {
      const reporter = createReporter(step.value.task.name, step.value.rows, onProgress);
      const parts = await Promise.race([workers.run(step.value, reporter.advance), stop.aborted]);
      reporter.finish();
      signal?.throwIfAborted();
      step = method.next(parts);
    }
    return step.value;
  } finally {
    stop.forget();
    // Also where the call ends before its threads have started, or because they cannot.
    starting.then(
      (workers) => workers.end(),
      () => undefined,
    );
  }
}

/** Rejects with the signal's reason once it aborts. */
function whenAborted(signal: AbortSignal | undefined): {
  readonly aborted: Promise<never>;
  readonly forget: () => void;
} {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal!.reason);
  });
  // Nobody may be waiting when it happens.
  aborted.catch(() => undefined);
  signal?.addEventListener("abort", abort, { once: true });
  return { aborted, forget: () => signal?.removeEventListener("abort", abort) };
}

function requireThreads(caller: string, { threads }: RunOptions): void {
  if (threads === undefined) return;
  const isKnown =
    typeof threads === "object" ? crewsOf(threads) !== undefined : Number.isInteger(threads) && threads >= 0;
  if (!isKnown) {
    throw new RangeError(
      `${caller}: expected \`threads\` to be a count or a pool of createThreadPool, got ${threads}`,
    );
  }
}

/** Threads of a pool, or threads of the call's own, or none. */
async function beginCall({ threads, signal }: RunOptions, program: ThreadProgram): Promise<CrewCall> {
  if (typeof threads === "object") return (await crewsOf(threads)!(program)).begin();
  const count = threads ?? (await defaultThreads());
  if (count === 0) return inSlices(signal);
  const crew = await createCrew(count, program);
  return { run: crew.begin().run, end: crew.dispose };
}

/** The calling thread itself: some rows after others, with pauses. */
function inSlices(signal: AbortSignal | undefined): CrewCall {
  let sliceStart = performance.now();
  return {
    run: async ({ task, input, rows }, advance) => {
      if (rows === 0) return [task.run(input, 0, 0)];
      const parts: unknown[] = [];
      // Steps grow and shrink with the time that a row takes.
      let step = 1;
      for (let first = 0; first < rows; ) {
        const started = performance.now();
        const end = Math.min(rows, first + step);
        parts.push(task.run(input, first, end));
        advance(end - first);
        first = end;
        const now = performance.now();
        if (now - started < sliceMilliseconds / 8) step *= 2;
        else if (now - started > sliceMilliseconds / 2) step = Math.max(1, step >> 1);
        if (now - sliceStart < sliceMilliseconds) continue;
        await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
        sliceStart = performance.now();
      }
      return parts;
    },
    end: () => undefined,
  };
}
