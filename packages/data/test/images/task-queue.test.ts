import { describe, expect, it } from "vitest";
import { TaskQueue } from "../../src/images/task-queue.ts";

describe("TaskQueue", () => {
  it("starts tasks in order, so many at a time", async () => {
    const queue = new TaskQueue(2);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const task = async (i: number): Promise<number> => {
      started.push(i);
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return i;
    };
    const results = await Promise.all([0, 1, 2, 3, 4].map((i) => queue.add(() => task(i))));
    expect([results, started, most]).toEqual([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 2]);
  });

  it("goes on after a task that fails", async () => {
    const queue = new TaskQueue(1);
    const failed = queue.add(() => Promise.reject(new RangeError("bad")));
    const next = queue.add(async () => 7);
    await expect(failed).rejects.toThrow(new RangeError("bad"));
    expect(await next).toBe(7);
  });

  it("starts nothing once it is stopped", async () => {
    const queue = new TaskQueue(1);
    const first = queue.add(async () => 1);
    const second = queue.add(async () => 2);
    queue.stop();
    expect(await Promise.all([first, second, queue.add(async () => 3)])).toEqual([1, undefined, undefined]);
  });
});
