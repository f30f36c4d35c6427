import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateLandmarks } from "@lmk/data/landmarks";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { exampleRunner } from "../../kit/test/example-runner.ts";
import { type Published, publishGldv2 } from "./publish-gldv2.ts";

const runExample = exampleRunner("gld2019-retrieval");

let folder = "";
let published: Published;
let args: string[] = [];
let data = "";
let run = "";
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-download-"));
  const options = { landmarks: 4, trainImages: 12, indexImages: 8, testImages: 4, longSide: 64, workers: 0 };
  await generateLandmarks(join(folder, "generated"), { ...options, seed: 5 });
  published = await publishGldv2(join(folder, "generated"));
});
afterAll(() => {
  published.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  count += 1;
  data = join(folder, `data-${count}`);
  run = join(folder, `run-${count}`);
  const source = ["--archives", "0-0", "--mirror", published.url];
  args = ["prepare", "--download", "gldv2", ...source, "--data", data, "--run", run];
});

it("shows what it would fetch, and writes nothing", { timeout: 60_000 }, async () => {
  const { code, stdout } = await runExample([...args, "--dry-run"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`  ${published.url}/train/images_000.tar\n`);
  expect(stdout).toContain(`would fetch 15 files, ${published.bytes} bytes (`);
  expect(stdout).toContain("; 0 are there\n");
  expect(stdout).toMatch(new RegExp(`would need \\d+ bytes \\(.*\\) in ${data}\n$`));
  expect(published.fetched).toEqual([]);
  expect(existsSync(data) || existsSync(run)).toBe(false);
});

it("downloads, goes on with the folder, is stopped by Ctrl-C and goes on", { timeout: 120_000 }, async () => {
  published.stall = "index/images_000.tar";
  const partial = join(data, "index", "images_000.tar.partial");
  const stopped = await runExample(args, async (child) => {
    while (!(existsSync(partial) && statSync(partial).size > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGINT");
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain("gld2019-retrieval: stopped; the same command goes on from here\n");
  const half = statSync(partial).size;
  expect(existsSync(run)).toBe(false);

  published.fetched.length = 0;
  const { code, stdout } = await runExample(args);
  expect(code).toBe(0);
  expect(stdout).toContain("prepare: done in ");
  expect(published.fetched).toContain(`index/images_000.tar from ${half}`);
  expect(existsSync(join(run, "prepare", "done.json"))).toBe(true);
  const counts = JSON.parse(readFileSync(join(run, "prepare", "counts.json"), "utf8"));
  expect(counts).toMatchObject({ train: 12, index: 8, test: 4, corrupt: 0 });

  published.fetched.length = 0;
  const again = await runExample(args);
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("download gldv2: 0 files fetched, 0 unpacked from them");
  expect(again.stdout).toContain("prepare: complete\n");
  expect(published.fetched).toEqual([]);

  // As another archive leaves it.
  writeFileSync(join(data, "train", "images_001.tar.unpacked"), "{}");
  const more = await runExample(["prepare", "--data", data, "--run", run]);
  expect(more.stdout).toContain("prepare: done in ");
});

it("looks at the options before it downloads", { timeout: 60_000 }, async () => {
  published.fetched.length = 0;
  const { code, stderr } = await runExample([...args, "--preset", "pretrained"]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    "gld2019-retrieval: preset pretrained trains nothing: expected its weights by --init, got none\n",
  );
  expect(published.fetched).toEqual([]);
  expect(existsSync(data) || existsSync(run)).toBe(false);
});

it("names an archive that is not there, and the way out", { timeout: 60_000 }, async () => {
  const { code, stderr } = await runExample(args.with(args.indexOf("0-0"), "0-1"));
  expect(code).toBe(1);
  expect(stderr.trim().split("\n").at(-1)).toBe(
    `gld2019-retrieval: ${published.url}/md5sum/train/md5.images_001.txt: expected status 200, got 404 Not Found; 3 of 18 files failed; run the same command to try again`,
  );
});
