import { expect, it } from "vitest";
import { createWriterQueue } from "../src/files/writer-queue.ts";

/** What a promise is rejected with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("expected a rejection"),
    (reason: unknown) => reason,
  );

it("runs tasks in their order, the last one at close", async () => {
  const done: number[] = [];
  const queue = createWriterQueue(async () => {
    done.push(-1);
  });
  const task = (number: number, turns: number) => async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    done.push(number);
  };
  await Promise.all([queue.append(task(1, 9)), queue.append(task(2, 1)), queue.close(task(3, 0))]);
  await queue.abort();
  expect(done).toEqual([1, 2, 3]);
});

it("completes no file that misses rows: after a failure everything fails and is discarded", async () => {
  const done: string[] = [];
  const queue = createWriterQueue(async () => {
    done.push("discarded");
  });
  const full = new Error("no space left on device");
  const record = (name: string) => async (): Promise<void> => {
    done.push(name);
  };
  const failing = queue.append(async () => {
    throw full;
  });
  const next = queue.append(record("next"));
  expect(await rejection(failing)).toBe(full);
  expect(await rejection(next)).toBe(full);
  expect(await rejection(queue.close(record("closed")))).toBe(full);
  expect(done).toEqual(["discarded"]);
});

it("aborts after the task under way, once", async () => {
  const done: string[] = [];
  const queue = createWriterQueue(async () => {
    done.push("discarded");
  });
  const writing = queue.append(async () => {
    await Promise.resolve();
    done.push("written");
  });
  await queue.abort();
  await queue.abort();
  await writing;
  expect(done).toEqual(["written", "discarded"]);
  expect(() => queue.requireOpen("append")).toThrow(
    new RangeError("append: expected a writer that is open, got one that is closed or aborted"),
  );
});
