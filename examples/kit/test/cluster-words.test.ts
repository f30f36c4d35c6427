import { expect, it } from "vitest";
import { hasOption, withoutOption } from "../src/cluster/words.ts";

it("takes an option away however it is written", () => {
  for (const words of [
    ["predict", "--workers", "2", "--run", "r"],
    ["predict", "--run", "r", "--workers=2"],
    ["predict", "--workers=2", "--run", "r", "--workers", "3", "--"],
  ]) {
    expect(withoutOption(words, "--workers")).toEqual(["predict", "--run", "r"]);
  }
  expect(withoutOption(["predict", "--workers-of", "2"], "--workers")).toEqual([
    "predict",
    "--workers-of",
    "2",
  ]);
});

it("finds an option however it is written", () => {
  expect(hasOption(["--threads", "2"], "--threads")).toBe(true);
  expect(hasOption(["--threads=2"], "--threads")).toBe(true);
  expect(hasOption(["--threads-of=2"], "--threads")).toBe(false);
});
