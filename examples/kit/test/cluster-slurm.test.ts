import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchJob } from "../src/cluster/launch.ts";
import { programCommand } from "../src/cluster/program-command.ts";
import { type SlurmCluster, slurmUnavailableReason, startSlurmCluster } from "./slurm-cluster.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = fileURLToPath(new URL("parts-program.ts", import.meta.url));
const started = { execPath: process.execPath, execArgv: ["--import", "tsx"], argv: ["", script] };
const unavailable = slurmUnavailableReason();
const because = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;

let cluster: SlurmCluster | undefined;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kit-slurm-"));
  if (unavailable === undefined) cluster = await startSlurmCluster();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function runHere(...args: string[]): Promise<string> {
  const [program, ...words] = programCommand(args, started);
  return (await promisify(execFile)(program!, words, { cwd: root })).stdout;
}

function launch(run: string): ReturnType<typeof launchJob> {
  return launchJob(
    "slurm",
    {
      name: "parts-work",
      command: programCommand(["work", "--run", run], started),
      mergeCommand: programCommand(["merge", "work", "--run", run], started),
      workingFolder: root,
      tasks: 4,
      cpus: 1,
      memory: "500M",
      hours: 0.1,
      gpus: 0,
      folder: join(run, "launch"),
      extra: ["--partition=all"],
    },
    { dryRun: false, env: cluster!.env, say: () => {} },
  );
}

function madeIn(run: string): number[] {
  const lines = readFileSync(join(run, "made.txt"), "utf8").trim().split("\n");
  return lines.map(Number).sort((a, b) => a - b);
}

it.skipIf(unavailable !== undefined)(
  `Slurm: a killed task is made good by launching again, and the result is that of one process${because}`,
  async () => {
    const alone = join(folder, "alone");
    await runHere("work", "--run", alone);
    const run = join(folder, "Ann's run");
    mkdirSync(run);

    // Task 2 of 4 has parts 2, 6, 10, …: it makes two of them and is killed in the third.
    writeFileSync(join(run, "hold-10"), "");
    const first = await launch(run);
    await vi.waitUntil(() => existsSync(join(run, "held-10")), { timeout: 60_000 });
    await cluster!.command("scancel", "--signal=KILL", `${first!.shared}_2`);
    await cluster!.idle();
    rmSync(join(run, "hold-10"));
    const others = [0, 1, 3].flatMap((task) => Array.from({ length: 10 }, (_, i) => task + 4 * i));
    expect(madeIn(run)).toEqual([...others, 2, 6].sort((a, b) => a - b));
    expect(await cluster!.command("scontrol", "show", "job", first!.merge!)).toMatch(
      /JobState=CANCELLED Reason=DependencyNeverSatisfied/,
    );

    const parts = readdirSync(run).find((name) => name.startsWith("work.parts-"))!;
    const missing = [10, 14, 18, 22, 26, 30, 34, 38].map((part) => `part-0000${part}.bin`).join(", ");
    await expect(runHere("merge", "work", "--run", run)).rejects.toMatchObject({
      code: 1,
      stderr: `parts-program: merge: expected all 40 parts of work, got 32; missing ${missing} in ${join(run, parts)}; run the shards again\n`,
    });

    const second = await launch(run);
    await cluster!.idle();
    expect(readFileSync(join(run, "work", "joined.bin"))).toEqual(
      readFileSync(join(alone, "work", "joined.bin")),
    );
    expect(madeIn(run)).toEqual(Array.from({ length: 40 }, (_, part) => part));
    expect(readFileSync(join(run, "launch", `parts-work-${second!.shared}_2.log`), "utf8")).toBe("done\n");
    expect(readFileSync(join(run, "launch", `parts-work-merge-${second!.merge}.log`), "utf8")).toBe("done\n");
  },
  120_000,
);

it.skipIf(unavailable !== undefined)(`Slurm: srun gives each of its tasks a shard${because}`, async () => {
  const run = join(folder, "srun");
  await cluster!.command(
    "srun",
    "--ntasks=2",
    ...programCommand(["work", "--run", run, "--shard", "auto"], started),
  );
  expect(madeIn(run)).toEqual(Array.from({ length: 40 }, (_, part) => part));
});

it.skipIf(unavailable !== undefined)(`Slurm: says why a job is refused${because}`, async () => {
  const options = { name: "x", command: ["true"], mergeCommand: ["true"], workingFolder: root, tasks: 2 };
  const job = {
    ...options,
    cpus: 1,
    hours: 1,
    gpus: 0,
    folder: join(folder, "x"),
    extra: ["--partition=none"],
  };
  await expect(launchJob("slurm", job, { dryRun: false, env: cluster!.env, say: () => {} })).rejects.toThrow(
    "sbatch: refused the job: sbatch: error: invalid partition specified: none; sbatch: error: Batch job submission failed: Invalid partition name specified",
  );
});
