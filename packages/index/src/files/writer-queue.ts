/** The life of a writer: rows are added one call after another, then it is closed or aborted, once. */
export interface WriterQueue {
  /** Refuses a writer that was closed or aborted. */
  requireOpen(caller: string): void;
  /** Runs a task after those before it. After one that failed, later ones fail with the same error. */
  append(task: () => Promise<void>): Promise<void>;
  /** Runs the last task; if it or an earlier one fails, everything is discarded. */
  close(task: () => Promise<void>): Promise<void>;
  /** Discards everything after the task under way, unless the writer has been closed. */
  abort(): Promise<void>;
}

export function createWriterQueue(discard: () => Promise<void>): WriterQueue {
  let ended = false;
  let last: Promise<unknown> = Promise.resolve();
  let failure: { readonly reason: unknown } | undefined;

  const requireOpen = (caller: string): void => {
    if (ended)
      throw new RangeError(`${caller}: expected a writer that is open, got one that is closed or aborted`);
  };
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const result = last.then(async () => {
      if (failure) throw failure.reason;
      try {
        await task();
      } catch (reason) {
        failure = { reason };
        throw reason;
      }
    });
    last = result.catch(() => undefined);
    return result;
  };
  return {
    requireOpen,
    append: enqueue,
    close: async (task) => {
      requireOpen("close");
      ended = true;
      try {
        await enqueue(task);
      } catch (reason) {
        await discard();
        throw reason;
      }
    },
    abort: async () => {
      if (ended) return;
      ended = true;
      await last;
      await discard();
    },
  };
}
