import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lmk-make-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function make(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", "tsx", main, ...args],
      { cwd: repository },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const small = [
  ...["--landmarks", "5", "--train-images", "20", "--index-images", "6"],
  ...["--test-images", "4", "--long-side", "32", "--workers", "0"],
];

describe("make-landmarks", () => {
  it("makes a data set of a difficulty, and a sheet of it", async () => {
    const folder = join(root, "set");
    const { code, stdout } = await make(
      folder,
      "--difficulty",
      "hard",
      "--sheet",
      join(root, "sheet.png"),
      ...small,
    );
    expect(stdout.split("\n")).toContain(`5 landmarks: 20 train, 6 index, 4 test images in ${folder}`);
    expect(code).toBe(0);
    const { recipe } = JSON.parse(await readFile(join(folder, "landmarks.json"), "utf8"));
    expect(recipe).toMatchObject({ landmarks: 5, longSide: 32, noiseRate: 0.3, sceneDifficulty: 1 });
    expect(await readdir(root)).toEqual(["set", "sheet.png"]);
  });

  it.each([
    [["--long-side", "wide"], "expected a number, got wide."],
    [["--long-side", "8"], "expected `longSide` to be an integer from 32 to 2048, got 8"],
    [["--difficulty", "harsh"], "Allowed choices are easy, medium, hard."],
  ])("refuses %o in one line", async (args, problem) => {
    const { code, stderr } = await make(join(root, "refused"), ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^make-landmarks: [^\n]+\n$/);
    expect(stderr).toContain(problem);
  });
});
