import { Command } from "commander";
import { expect, it } from "vitest";
import { addEnsembleRunOptions } from "../src/ensemble-options.ts";
import { namedFile } from "../src/named-file.ts";
import { addPlanOptions, largestDivisor, trainWords } from "../src/plan-options.ts";
import { addTrainProcessOptions, looksOf, trainProcess } from "../src/train-process.ts";

function optionsOf(command: Command, ...words: readonly string[]): unknown {
  return command
    .exitOverride()
    .parse([...words], { from: "user" })
    .opts();
}

it("reads the options of a system of several networks", () => {
  const command = (): Command =>
    addEnsembleRunOptions(new Command(), { example: "a,b", read: (text) => text.split(",") });
  expect(optionsOf(command())).toEqual({});
  const words = ["--members", "a,b", "--max-steps", "3", "--head-classes", "40"];
  expect(optionsOf(command(), ...words)).toEqual({ members: ["a", "b"], maxSteps: 3, headClasses: 40 });
});

it("reads the options of a plan and of a training", () => {
  expect(optionsOf(addPlanOptions(new Command()))).toEqual({ devices: 8, provider: "cpu" });
  expect(optionsOf(addTrainProcessOptions(new Command()), "--threads", "2", "--provider", "cuda")).toEqual({
    seed: 0,
    provider: "cuda",
    threads: 2,
  });
});

it("reads files by names that there are, once for each", () => {
  const read = namedFile({
    isKnown: (name): name is "b3" | "b5" => name === "b3" || name === "b5",
    names: ["b3", "b5"],
    example: "b5=b5.pth",
  });
  expect(read("b5=w=1.pth", read("b3=a.pth"))).toEqual({ b3: "a.pth", b5: "w=1.pth" });
  for (const text of ["b7=a.pth", "b5", "b5="]) {
    expect(() => read(text)).toThrow(`expected a file of b3, b5, such as b5=b5.pth, got ${text}.`);
  }
});

it.each([
  [252, 8, 7],
  [80, 100, 80],
  [7, 6, 1],
])("divides %i by at most %i evenly", (value, most, divisor) => {
  expect(largestDivisor(value, most)).toBe(divisor);
});

it("starts one process as it is, and several by mpirun", () => {
  const words = ["node", "--import", "tsx", "examples/app/src/main.ts", "train"];
  expect(trainWords("app", 1)).toEqual(words);
  expect(trainWords("app", 4)).toEqual(["mpirun", "-n", "4", ...words]);
});

it("trains alone with the threads that are asked for", () => {
  const { ranks, isFirst, context } = trainProcess({ provider: "cpu", threads: 3 }, undefined);
  expect({ ranks, isFirst, options: context.options }).toEqual({
    ranks: 1,
    isFirst: true,
    options: { provider: "cpu", threads: 3 },
  });
});

it("hands on only the looks that are asked for", () => {
  expect(looksOf({})).toEqual({});
  expect(looksOf({ maxSteps: 2 })).toEqual({ maxSteps: 2 });
  expect(looksOf({ maxSteps: 2, headClasses: 9 })).toEqual({ maxSteps: 2, headClasses: 9 });
});
