import { expect, it } from "vitest";
import type { RunOptions } from "../src/command-line.ts";
import { longestFirst, trainingsAtOnce } from "../src/trainings.ts";

it("puts what takes longest first, and keeps the order of what takes as long", () => {
  expect(longestFirst(["aa", "b", "cccc", "dd"], ({ length }) => length)).toEqual(["cccc", "aa", "dd", "b"]);
});

it("trains as many at once as there are threads, if the preset says so and the command line nothing", () => {
  const options: RunOptions = { preset: "", provider: "cpu", threads: 4, skipCorrupt: false };
  const of = (oneThreadEach: boolean, trainings?: number): number =>
    trainingsAtOnce({
      config: { training: { checkpointEverySteps: 1, oneThreadEach } },
      options: trainings === undefined ? options : { ...options, trainings },
    });
  expect([of(true), of(false), of(true, 2), of(false, 2)]).toEqual([4, 1, 2, 2]);
});
