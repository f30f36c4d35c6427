import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generateLandmarks } from "@lmk/data/landmarks";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { exampleRunner } from "../../kit/test/example-runner.ts";
import {
  type SlurmCluster,
  slurmUnavailableReason,
  startSlurmCluster,
} from "../../kit/test/slurm-cluster.ts";

const runExample = exampleRunner("gld2019-retrieval");

const unavailable = slurmUnavailableReason();
const because = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;
let cluster: SlurmCluster | undefined;
let folder = "";
let options: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-slurm-example-"));
  if (unavailable !== undefined) return;
  const photos = join(folder, "photos");
  const counts = { landmarks: 6, trainImages: 40, indexImages: 48, testImages: 12 };
  await generateLandmarks(photos, { ...counts, seed: 5, longSide: 96, workers: 0 });
  const size = ["--epochs", "1", "--batch-size", "8", "--images-per-part", "8", "--threads", "1"];
  options = ["--preset", "demo", "--data", photos, ...size];
  cluster = await startSlurmCluster();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the example, which must succeed. */
async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runExample([...args, ...options], () => {}, cluster!.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("gld2019-retrieval:") });
  return stdout;
}

/** Shares `predict` among four tasks of the cluster. */
async function launch(path: string): Promise<{ shared: string; merge: string }> {
  const told = await run("launch", "slurm", "predict", "--tasks", "4", "--memory", "2G", "--run", path);
  const [, shared, merge] = /job (\d+), 4 tasks.*-merge: job (\d+), after/s.exec(told)!;
  return { shared: shared!, merge: merge! };
}

/** The embeddings of a run, by path. */
function embeddingsOf(path: string): Map<string, Buffer> {
  const files = readdirSync(join(path, "predict"), { recursive: true, encoding: "utf8" });
  const embeddings = files.filter((file) => file.endsWith("embeddings.npy")).sort();
  return new Map(embeddings.map((file) => [file, readFileSync(join(path, "predict", file))]));
}

it.skipIf(unavailable !== undefined)(
  `Slurm: four tasks, one killed and launched again, embed what one process does, to the byte${because}`,
  async () => {
    const alone = join(folder, "alone");
    await run("train", "--run", alone);
    const shared = join(folder, "by Slurm");
    cpSync(alone, shared, { recursive: true });
    await run("submit", "--run", alone);

    // Task 1 of 4 waits for an image of its first part of the index, rows 8 to 15, until it is killed.
    const index = readFileSync(join(folder, "photos", "index.csv"), "utf8")
      .split("\n")
      .slice(1);
    const [a, b, c] = index[8]!;
    const image = join(folder, "photos", "index", a!, b!, c!, `${index[8]}.jpg`);
    renameSync(image, `${image}.aside`);
    await promisify(execFile)("mkfifo", [image]);
    const parts = join(shared, "predict", "untrained");
    const partsOf = (split: string): string | undefined =>
      existsSync(parts) ? readdirSync(parts).find((name) => name.startsWith(`${split}.parts-`)) : undefined;
    const first = await launch(shared);
    const manifest = "shard-0001-of-0004.json";
    await vi.waitUntil(() => existsSync(join(parts, `${partsOf("train")}`, manifest)) && partsOf("index"), {
      timeout: 60_000,
    });
    await cluster!.command("scancel", "--signal=KILL", `${first.shared}_1`);
    await cluster!.idle();
    renameSync(`${image}.aside`, image);
    expect(await cluster!.command("scontrol", "show", "job", first.merge)).toMatch(
      /JobState=CANCELLED Reason=DependencyNeverSatisfied/,
    );

    // Of 6 parts of the index the killed task has 1 and 5.
    const refused = await runExample(["merge", "predict", "--run", shared, ...options]);
    expect({ code: refused.code, line: refused.stderr.trim().split("\n").at(-1) }).toEqual({
      code: 1,
      line: `gld2019-retrieval: merge: expected all 6 parts of predict/untrained/index, got 4; missing part-000001.npy, part-000005.npy in ${join(parts, partsOf("index")!)}; run the shards again`,
    });

    const second = await launch(shared);
    await cluster!.idle();
    const log = join(shared, "launch", `gld2019-retrieval-predict-merge-${second.merge}.log`);
    expect(readFileSync(log, "utf8")).toContain("predict/v2clean/test: done in ");
    expect([...embeddingsOf(alone).keys()]).toEqual(
      ["untrained", "v2clean"].flatMap((job) =>
        ["index", "test", "train"].map((split) => `${job}/${split}/embeddings.npy`),
      ),
    );
    expect(embeddingsOf(shared)).toEqual(embeddingsOf(alone));

    expect(await run("submit", "--run", shared)).toContain("predict/v2clean/test: complete\n");
    const submission = (path: string): string => readFileSync(join(path, "submit", "submission.csv"), "utf8");
    expect(submission(shared)).toBe(submission(alone));
  },
  300_000,
);
