/** Rows that travel to the thread together, unless they are wide: some tenths of a second of work. */
const rowsPerPart = 256;

/** Numbers that travel together at most, 4 MB. */
const numbersPerPart = 2 ** 20;

/** Milliseconds of work after which other work gets its turn. */
const turnLength = 4;

/**
 * Does something for all rows, part by part, two parts at a time: while the thread works on one, the next is on its
 * way. Ends when no part is under way, also where one failed or the signal ended it.
 */
export async function runParts(
  rows: number,
  columns: number,
  signal: AbortSignal | undefined,
  run: (first: number, end: number) => Promise<void>,
): Promise<void> {
  const partRows = Math.max(1, Math.min(rowsPerPart, Math.floor(numbersPerPart / columns)));
  let previous: Promise<void> = Promise.resolve();
  try {
    for (let first = 0; first < rows; first += partRows) {
      signal?.throwIfAborted();
      const part = run(first, Math.min(first + partRows, rows));
      part.catch(() => undefined);
      const before = previous;
      previous = part;
      await before;
    }
    await previous;
  } catch (error) {
    await previous.catch(() => undefined);
    throw error;
  }
}

/** Gives other work its turn where the last turn is some milliseconds ago. */
export function createPause(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < turnLength) return;
    await new Promise((resolve) => setImmediate(resolve));
    started = performance.now();
  };
}
