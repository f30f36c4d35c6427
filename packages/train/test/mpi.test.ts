import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const programs = fileURLToPath(new URL("./programs", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const node = [process.execPath, "--conditions=@lmk/source", "--import", "tsx"];

/** Why the tests that start ranks cannot run here, or nothing. */
function missing(): string | undefined {
  const launcher = spawnSync("mpirun", ["--version"], { encoding: "utf8" });
  if (launcher.error) return "mpirun is not installed";
  if (!launcher.stdout.includes("HYDRA")) return "mpirun is not MPICH's";
  // UCX crashes Node now and then without it; `openMpi` sets it too.
  const env = { ...process.env, UCX_MEM_EVENTS: "no" };
  const load = 'require("koffi").load("libmpich.so.12")';
  const loaded = spawnSync(process.execPath, ["-e", load], { cwd: join(root, "packages", "train"), env });
  return loaded.status === 0 ? undefined : "libmpich.so.12 cannot be loaded";
}

const reason = missing();
const skipped = reason === undefined ? "" : ` (skipped: ${reason}; install MPICH, Debian's package mpich)`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-mpi-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly seconds: number;
}

function mpirun(args: readonly string[]): Promise<Ended> {
  const started = performance.now();
  const child = spawn("mpirun", args, { cwd: root, timeout: 25_000, killSignal: "SIGKILL" });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, seconds: (performance.now() - started) / 1000 }));
  });
}

/** What `values.mts` writes, as far as it is read by name here. */
interface Values {
  readonly bits: string;
  readonly ticks: number;
  readonly largeSeconds: number;
}

async function valuesOf(size: number): Promise<Values[]> {
  const { code, output } = await mpirun(["-np", `${size}`, ...node, join(programs, "values.mts"), folder]);
  expect({ code, output }).toEqual({ code: 0, output: "" });
  return Array.from({ length: size }, (_, rank) =>
    JSON.parse(readFileSync(join(folder, `${rank}.json`), "utf8")),
  );
}

describe.skipIf(reason !== undefined)(`two ranks${skipped}`, () => {
  it("give every operation's values, and refuse what does not fit together", async () => {
    const results = await valuesOf(2);
    for (const [rank, result] of results.entries()) {
      expect(result).toMatchObject({
        launched: { rank, size: 2, localRank: rank },
        rank,
        size: 2,
        library: expect.stringMatching(/^MPICH Version: \d/),
        one: [0.5, 5, -1],
        small: [1, 0.5, 2],
        view: [100 * (rank + 1), 100 * (rank + 1), 150, 150, 100 * (rank + 1), 100 * (rank + 1)],
        sync: [0.5, 4],
        syncError: 0,
        queued: [0.5, 1],
        order: ["mean", "max", "mean"],
        shared: [
          [0, 0],
          [5, 5],
        ],
        max: [0, 1.1, "Infinity"],
        maxWithNan: true,
        gathered: [[], [1]],
        gatheredLarge: [0, 1],
        underWay:
          "RangeError: meanSync: expected no other operation to be under way, got 1; await them first",
        otherLengths:
          "RangeError: mean: expected arrays of the same lengths on every rank, got 1 arrays of 3 to 4 numbers in " +
          `all; those of rank ${rank} have the lengths ${3 + rank}`,
        otherOrder:
          "RangeError: mean: expected arrays of the same lengths on every rank, got 2 arrays of 3 numbers in all; " +
          `those of rank ${rank} have the lengths ${rank === 0 ? "1, 2" : "2, 1"}`,
        otherOperation: `RangeError: ${rank === 0 ? "mean" : "barrier"}: expected the same operation on every rank, got mean and barrier`,
        badCode: "RangeError: abort: expected `code` to be a whole number from 1 to 255, got 0",
        closed: {
          mean: "RangeError: mean: expected an open communicator, got a closed one",
          meanSync: "RangeError: meanSync: expected an open communicator, got a closed one",
          abort: "RangeError: abort: expected an open communicator, got a closed one",
          open: "RangeError: openMpi: expected to be called once in a process, got a second call",
        },
      });
      // Timers ran while 25 million numbers were summed on another thread.
      expect(result.ticks).toBeGreaterThan(1);
    }
    expect(results[1]!.bits).toBe(results[0]!.bits);
    const seconds = results.map((result) => result.largeSeconds.toFixed(3));
    process.stdout.write(`mean of 25 million numbers over two ranks: ${seconds.join(", ")} s\n`);
  });
});

describe.skipIf(reason !== undefined)(`three ranks${skipped}`, () => {
  it("get equal bits", async () => {
    const results = await valuesOf(3);
    expect(new Set(results.map((result) => result.bits)).size).toBe(1);
    for (const result of results) {
      expect(result).toMatchObject({
        one: [1, 10, -1],
        max: [0, 2.1, "Infinity"],
        gathered: [[], [1], [2, 2]],
      });
    }
  });
});

interface LostEvent {
  readonly event: "started" | "queued" | "failed" | "later";
  readonly message?: string;
  readonly code?: string;
  readonly seconds?: number;
}

function eventsOf(rank: number): LostEvent[] {
  const file = join(folder, `${rank}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as LostEvent).filter(({ event }) => event !== "started");
}

/** The command of one rank. */
function lostRank(...args: readonly string[]): string[] {
  return [...node, join(programs, "lost-rank.mts"), folder, ...args];
}

/** Starts two ranks in shells, which hide from the launcher that a rank was killed, so that it leaves the other alive. */
function inShells(command: readonly string[]): Promise<Ended> {
  const script = 'trap : USR1; "$@"; exit $?';
  return mpirun(["-disable-auto-cleanup", "-np", "2", "sh", "-c", script, "sh", ...command]);
}

const noAnswer = (operation: string): string =>
  `${operation}: expected all 2 ranks to finish within 2 seconds, got no answer on rank 0; another rank has died, ` +
  "has failed or hangs";
const lostBefore = (operation: string, message: string): string =>
  `${operation}: expected every rank to be there, got a rank lost before: ${message}`;

describe.skipIf(reason !== undefined)(`a lost rank${skipped}`, () => {
  it("rejects the operation under way and all others, and abort ends the job with its code", async () => {
    const { code, output, seconds } = await inShells(lostRank("killed", "mean", "abort"));
    const message = noAnswer("mean");
    expect(eventsOf(0)).toEqual([
      { event: "queued", message: lostBefore("max", message) },
      { event: "failed", message, code: "rank-lost", seconds: expect.closeTo(2, 0) },
      { event: "later", message: lostBefore("mean", message) },
    ]);
    expect({ code, output }).toMatchObject({ code: 40 });
    expect(seconds).toBeLessThan(15);
  });

  it("rejects at once when the launcher says so by a signal; process.exit ends the job too", async () => {
    const { code, output } = await inShells(lostRank("killed", "mean", "exit", "SIGUSR1"));
    const message = "openMpi: expected 2 ranks, got SIGUSR1, by which the launcher says that one is lost";
    expect(eventsOf(0)[1]).toMatchObject({ event: "failed", message, code: "rank-lost" });
    expect(eventsOf(0)[1]!.seconds).toBeLessThan(1.9);
    expect({ code, output }).toMatchObject({ code: 40 });
  });

  it("is killed with all others by the launcher's default, without a chance to save", async () => {
    const { code } = await mpirun(["-np", "2", ...lostRank("killed", "mean", "abort")]);
    expect(code).toBe(9);
    expect(eventsOf(0)).toEqual([]);
  });

  it.each(["meanSync", "close"])("that hangs is noticed in %s", async (operation) => {
    const { code, output } = await mpirun(["-np", "2", ...lostRank("hangs", operation, "abort")]);
    const failed = eventsOf(0).find(({ event }) => event === "failed");
    expect(failed).toMatchObject({ message: noAnswer(operation), code: "rank-lost" });
    expect({ code, output }).toMatchObject({ code: 40 });
  });

  it("that throws ends the others at once and shows its error", async () => {
    const { code, output } = await mpirun(["-np", "2", ...lostRank("throws", "mean", "throw")]);
    expect(eventsOf(0)).toEqual([]);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining("RangeError: no such photo"),
    });
  });

  it("that leaves without close ends the others with its exit code", async () => {
    const { code, output } = await mpirun(["-np", "2", ...lostRank("exits", "mean", "abort")]);
    expect({ code, output }).toMatchObject({ code: 3 });
  });
});
