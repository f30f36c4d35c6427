import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { programCommand } from "../src/cluster/program-command.ts";
import { runWorkers } from "../src/cluster/workers.ts";

const script = fileURLToPath(new URL("parts-program.ts", import.meta.url));
const workers = fileURLToPath(new URL("workers-program.ts", import.meta.url));
const started = { execPath: process.execPath, execArgv: ["--import", "tsx"], argv: ["", script] };
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kit-workers-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runFolder(name: string, ...marks: string[]): string {
  const run = join(folder, name);
  mkdirSync(run);
  for (const mark of marks) writeFileSync(join(run, mark), "");
  return run;
}

function work(run: string, lines: string[] = []): Promise<void> {
  const command = programCommand(["work", "--run", run], started);
  return runWorkers({ count: 2, command, env: process.env, onLine: (line) => lines.push(line) });
}

async function runHere(...args: string[]): Promise<void> {
  const [program, ...words] = programCommand(args, started);
  await promisify(execFile)(program!, words);
}

const made = (run: string): number[] =>
  readFileSync(join(run, "made.txt"), "utf8").trim().split("\n").map(Number);

it("shares the work among processes, whose parts are those of one", async () => {
  const run = runFolder("shared with space");
  const lines: string[] = [];
  await work(run, lines);
  expect(lines.sort()).toEqual(["[0/2] done", "[1/2] done"]);
  await runHere("merge", "work", "--run", run);
  const parts = Array.from({ length: 40 }, (_, part) => createHash("sha256").update(`${part}`).digest());
  expect(readFileSync(join(run, "work", "joined.bin"))).toEqual(Buffer.concat(parts));
});

it("names the process that failed and why, stops the others, and goes on when run again", async () => {
  // Process 1 has parts 1, 3, 5, 7, …; process 0 would wait in part 2 for ever.
  const run = runFolder("failing", "fail-7", "hold-2");
  const lines: string[] = [];
  await expect(work(run, lines)).rejects.toThrow(
    "worker 1/2: exited with 1: parts-program: part 7: cannot be made; what is done stays: run the same command again to go on",
  );
  expect(lines).toContain("[1/2] parts-program: part 7: cannot be made");
  expect(made(run)).toEqual(expect.arrayContaining([1, 3, 5]));
  rmSync(join(run, "fail-7"));
  rmSync(join(run, "hold-2"));
  await work(run);
  expect(made(run).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, part) => part));
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("passes %s on and ends when all have ended", async (signal, code) => {
  const run = runFolder(signal);
  // A process that tells its id, and then that it got the signal.
  const body = `const { renameSync, writeFileSync } = require("node:fs");
    const file = process.argv.at(-3) + "/" + process.argv.at(-1)[0];
    process.on("${signal}", () => { writeFileSync(file + "-told", ""); process.exit(1); });
    writeFileSync(file + "-part", String(process.pid)); renameSync(file + "-part", file + "-on");
    setInterval(() => {}, 1000);`;
  const command = [process.execPath, "-e", body, "--", run];
  const child = spawn(process.execPath, ["--import", "tsx", workers, ...command], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  const all = (mark: string): boolean => [0, 1].every((index) => existsSync(join(run, `${index}-${mark}`)));
  await vi.waitUntil(() => all("on"), { timeout: 20_000 });
  child.kill(signal);
  const ended = await new Promise((resolve) => child.once("close", resolve));
  expect(errors).toBe("stopped; what is done stays: run the same command again to go on\n");
  expect(ended).toBe(code);
  expect(all("told")).toBe(true);
  for (const index of [0, 1]) {
    const pid = Number(readFileSync(join(run, `${index}-on`), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  }
});

it("kills a process that does not end when told", async () => {
  // Process 0 ignores the signal and would run for ever; process 1 fails once the other is deaf.
  const deaf = join(folder, "deaf");
  const stubborn = `const { existsSync, writeFileSync } = require("node:fs");
    const [file, , shard] = process.argv.slice(-3);
    if (shard === "0/2") process.on("SIGTERM", () => {});
    if (shard === "0/2") writeFileSync(file, "");
    setInterval(() => shard === "1/2" && existsSync(file) && process.exit(3), 20);`;
  const command = [process.execPath, "-e", stubborn, "--", deaf];
  await expect(
    runWorkers({ count: 2, command, env: process.env, graceMs: 50, onLine: () => {} }),
  ).rejects.toThrow("worker 1/2: exited with 3; what is done stays");
});

it("says when the program cannot be started", async () => {
  await expect(
    runWorkers({ count: 1, command: [join(folder, "none")], env: process.env, onLine: () => {} }),
  ).rejects.toThrow(/^worker 0\/1: cannot be started: spawn .*none ENOENT; what is done stays/);
});
