import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateLandmarks } from "@lmk/data/landmarks";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { exampleRunner } from "../../kit/test/example-runner.ts";

const runExample = exampleRunner("gld2019-retrieval");

let folder = "";
let data = "";
let run = "";
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-bad-input-"));
  const options = {
    seed: 5,
    landmarks: 4,
    trainImages: 12,
    indexImages: 8,
    testImages: 4,
    longSide: 64,
    workers: 0,
  };
  await generateLandmarks(join(folder, "good"), options);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  count += 1;
  data = join(folder, `data-${count}`);
  run = join(folder, `run-${count}`);
  cpSync(join(folder, "good"), data, { recursive: true });
});

/** The one line on standard error of a run that must fail, without the program's name. */
async function errorOf(...args: string[]): Promise<string> {
  const { code, stderr } = await runExample(args);
  expect(code).toBe(1);
  const lines = stderr
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("gld2019-retrieval: "));
  expect(lines).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  // Nothing that looks finished.
  expect(existsSync(join(run, "prepare", "done.json"))).toBe(false);
  return lines[0]!.slice("gld2019-retrieval: ".length);
}

function firstTrainImage(): string {
  const id = readFileSync(join(data, "train.csv"), "utf8").split("\n")[1]!.split(",")[0]!;
  return join(data, "train", id[0]!, id[1]!, id[2]!, `${id}.jpg`);
}

function edit(name: string, change: (lines: string[]) => string[]): string {
  const path = join(data, name);
  writeFileSync(path, change(readFileSync(path, "utf8").split("\n")).join("\n"));
  return path;
}

it("names a truncated JPEG and the way out, and goes on without it when told to", {
  timeout: 60_000,
}, async () => {
  const image = firstTrainImage();
  truncateSync(image, 600);
  const line = await errorOf("prepare", "--data", data, "--run", run);
  expect(line.startsWith(`${image}: `)).toBe(true);
  expect(line.endsWith("; remove or replace it, or pass --skip-corrupt")).toBe(true);
  const { code, stdout } = await runExample(["prepare", "--data", data, "--run", run, "--skip-corrupt"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`left out ${image}: `);
});

it("names a hundred of many missing images, and counts the others", { timeout: 60_000 }, async () => {
  const ids = Array.from({ length: 150 }, (_, i) => i.toString(16).padStart(16, "0"));
  edit("train.csv", (lines) => [...lines.slice(0, -1), ...ids.map((id) => `${id},u,0`), ""]);
  const args = ["prepare", "--data", data, "--run", run];
  expect(await errorOf(...args)).toBe(
    `${join(data, "train/0/0/0", `${ids[0]}.jpg`)}: Input file is missing (and 149 more); remove or replace it, or pass --skip-corrupt`,
  );
  const { code, stdout } = await runExample([...args, "--skip-corrupt"]);
  expect(code).toBe(0);
  expect(stdout.match(/left out .*: Input file is missing\n/g)?.length).toBe(100);
  expect(stdout).toContain("left out 50 more of train\n");
  expect(JSON.parse(readFileSync(join(run, "prepare", "counts.json"), "utf8")).corrupt).toBe(150);
});

it("names an empty CSV", async () => {
  const path = edit("index.csv", () => []);
  expect(await errorOf("prepare", "--data", data, "--run", run)).toMatch(new RegExp(`^${path}.*empty`));
});

it("names file and line of a row with a missing column", async () => {
  const path = edit("train.csv", (lines) => lines.with(3, lines[3]!.split(",").slice(0, 1).join(",")));
  expect(await errorOf("prepare", "--data", data, "--run", run)).toMatch(new RegExp(`^${path}:4: `));
});

it("names file, line and id of an image that does not exist", async () => {
  const unknown = "0123456789abcdef";
  const path = edit("retrieval_solution_v2.1.csv", (lines) => {
    const row = lines.findIndex((line) => /Public|Private/.test(line));
    return lines.with(row, lines[row]!.replace(/,[^,]*,/, `,${unknown},`));
  });
  const line = await errorOf("prepare", "--data", data, "--run", run);
  expect(line).toMatch(new RegExp(`^${path}:\\d+: `));
  expect(line).toContain(unknown);
});

it("names a run folder that cannot be written", async () => {
  const file = join(folder, "a-file");
  writeFileSync(file, "");
  const line = await errorOf("prepare", "--data", data, "--run", join(file, "run"));
  expect(line).toBe(
    `${join(file, "run")}: expected a run folder that can be written, got ENOTDIR; pass --run DIR`,
  );
});

it("names an unknown flag, an unknown stage and a bad number", async () => {
  expect(await errorOf("prepare", "--run", run, "--epoch", "3")).toBe(
    "unknown option '--epoch'; (Did you mean --epochs?); see gld2019-retrieval prepare --help",
  );
  expect(await errorOf("prepair", "--run", run)).toBe(
    "unknown command 'prepair'; (Did you mean prepare?); see gld2019-retrieval --help",
  );
  expect(await errorOf("prepare", "--run", run, "--epochs", "two")).toContain(
    "expected a whole number of at least 1, got two",
  );
  expect(existsSync(run)).toBe(false);
});

it("names a data folder that is not there, or holds no images", async () => {
  expect(await errorOf("prepare", "--data", join(folder, "absent"), "--run", run)).toBe(
    `${join(folder, "absent")}: expected a folder of images, got nothing; check --data`,
  );
  rmSync(data, { recursive: true });
  cpSync(join(folder, "good", "train"), data, { recursive: true });
  for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true });
  expect(await errorOf("prepare", "--data", data, "--run", run)).toMatch(
    /expected sub-folders, one per place/,
  );
});

it("asks for the weights of a preset that trains nothing", async () => {
  expect(await errorOf("all", "--preset", "pretrained", "--data", data, "--run", run)).toBe(
    "preset pretrained trains nothing: expected its weights by --init, got none",
  );
});
