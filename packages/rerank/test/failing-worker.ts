// The program of threads that thread-pool.test.ts starts: tasks that wait, throw or end their thread.
import type { RowTask } from "../src/threads/method.ts";
import { serveTasks } from "../src/threads/serve-tasks.ts";

interface Input {
  readonly flag: Int32Array;
}

/** The number of the row; a row that is the first number of `flag` throws, and one that is the second ends the thread. */
export const numberTask: RowTask<Input, Int32Array> = {
  name: "number rows",
  run: ({ flag }, first, end) => {
    const rows = Int32Array.from({ length: end - first }, (_, i) => first + i);
    if (rows.includes(flag[0]!)) throw new RangeError(`row ${flag[0]} is not to be numbered`);
    if (rows.includes(flag[1]!)) (globalThis as unknown as { process: { exit(): void } }).process.exit();
    return rows;
  },
};

/** Counts the rows that were begun in `flag[0]`, then waits until `flag[1]` is 1. */
export const waitingTask: RowTask<Input, number> = {
  name: "wait",
  run: ({ flag }, first, end) => {
    Atomics.add(flag, 0, end - first);
    Atomics.wait(flag, 1, 0);
    return end - first;
  },
};

/** Nothing that could be sent. */
export const functionTask: RowTask<Input, unknown> = {
  name: "give a function",
  run: () => ({ part: () => undefined }),
};

void serveTasks([numberTask, waitingTask, functionTask]);
