/** Runs tasks in the order they were added, at most `concurrency` at a time. */
export class TaskQueue {
  readonly #concurrency: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #stopped = false;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** The task's result; `undefined` if the queue was stopped before the task began. */
  async add<Result>(task: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#running >= this.#concurrency) await new Promise<void>((start) => this.#waiting.push(start));
    else this.#running += 1;
    try {
      return this.#stopped ? undefined : await task();
    } finally {
      // A waiting task takes over this one's place, so the count stays.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Lets no further task begin. */
  stop(): void {
    this.#stopped = true;
  }
}
