import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addResult, readResults } from "../../src/tuning/results-file.ts";
import { runInChild } from "../../src/tuning/run-in-child.ts";
import { type RunTuningOptions, runTuning, type TuningJob } from "../../src/tuning/run-tuning.ts";
import { InterruptedError, UserError } from "../../src/user-error.ts";

let folder = "";
let said: string[] = [];
let ran: TuningJob[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-tuning-"));
  said = [];
  ran = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = (changes: Partial<RunTuningOptions> = {}): RunTuningOptions => ({
  space: { margin: [0.2, 0.3, 0.1], loss: ["arcface", "cosface"] },
  mode: "grid",
  iterations: 10,
  seed: 0,
  blocks: 1,
  block: 0,
  workers: 1,
  folder,
  best: { measure: "score", order: "highest" },
  runCandidate: async (job) => {
    ran.push(job);
    return { score: Number(job.candidate.margin) * (job.candidate.loss === "arcface" ? 1 : 2) };
  },
  say: (text) => void said.push(text),
  ...changes,
});

describe("runTuning", () => {
  it("runs every candidate in order, writes the results, and says them best first", async () => {
    const rows = await runTuning(options({ space: { margin: [0.2, 0.3], loss: ["arcface", "cosface"] } }));
    const order = [
      "loss-arcface_margin-0.2",
      "loss-arcface_margin-0.3",
      "loss-cosface_margin-0.2",
      "loss-cosface_margin-0.3",
    ];
    expect(ran.map(({ name }) => name)).toEqual(order);
    expect(ran.map(({ folder: one }) => one)).toEqual(order.map((name) => join(folder, name)));
    expect(readResults(join(folder, "results.csv")).map(({ name }) => name)).toEqual(order);
    expect(rows.map(({ score }) => score)).toEqual(["0.6", "0.4", "0.3", "0.2"]);
    expect(said).toEqual([
      ...order.flatMap((name) => [`begin ${name}`, `done  ${name}`]),
      [
        "",
        "| loss    | margin | score |",
        "| ------- | -----: | ----: |",
        "| cosface |    0.3 |   0.6 |",
        "| cosface |    0.2 |   0.4 |",
        "| arcface |    0.3 |   0.3 |",
        "| arcface |    0.2 |   0.2 |",
        "",
      ].join("\n"),
    ]);
  });

  it("skips what is in the results, of this run or another's", async () => {
    await runTuning(options({ space: { margin: [0.2], loss: ["arcface"] } }));
    await addResult(join(folder, "results.csv"), { margin: 0.3, loss: "cosface" }, { score: 9 });
    ran = [];
    const rows = await runTuning(options());
    expect(ran.map(({ name }) => name)).toEqual([
      "loss-arcface_margin-0.3",
      "loss-arcface_margin-0.1",
      "loss-cosface_margin-0.2",
      "loss-cosface_margin-0.1",
    ]);
    expect(rows[0]).toMatchObject({ name: "loss-cosface_margin-0.3", score: "9" });
    expect(said).toContain("skip  loss-cosface_margin-0.3");
  });

  it("runs only its block; all blocks together run each candidate once", async () => {
    for (const block of [0, 1, 2, 3]) await runTuning(options({ blocks: 4, block }));
    expect(ran).toHaveLength(6);
    expect(new Set(ran.map(({ name }) => name)).size).toBe(6);
  });

  it("draws some candidates in random mode", async () => {
    await runTuning(options({ mode: "random", iterations: 4, seed: 3 }));
    const first = ran.map(({ name }) => name);
    expect(new Set(first).size).toBe(4);
    rmSync(folder, { recursive: true });
    await runTuning(options({ mode: "random", iterations: 4, seed: 3 }));
    expect(ran.slice(4).map(({ name }) => name)).toEqual(first);
  });

  it("keeps the workers busy, and never gives two jobs the same one", async () => {
    const busy = new Set<number>();
    const most: number[] = [];
    const waiting: (() => void)[] = [];
    const runCandidate = async ({ worker }: TuningJob): Promise<{ score: number }> => {
      expect(busy.has(worker)).toBe(false);
      busy.add(worker);
      most.push(busy.size);
      // The first three wait for one another, so they can only end if three run at once.
      if (most.length < 3) await new Promise<void>((resolve) => void waiting.push(resolve));
      for (const go of waiting.splice(0)) go();
      busy.delete(worker);
      return { score: 1 };
    };
    await runTuning(options({ workers: 3, runCandidate }));
    expect(most).toHaveLength(6);
    expect(Math.max(...most)).toBe(3);
  });

  it("puts the lowest first where lower is better, and equal ones by name", async () => {
    const runCandidate = async ({ candidate }: TuningJob): Promise<{ score: number }> => ({
      score: candidate.margin === 0.1 ? 5 : 100,
    });
    const rows = await runTuning(
      options({
        runCandidate,
        best: { measure: "score", order: "lowest" },
        space: { margin: [0.3, 0.2, 0.1] },
      }),
    );
    expect(rows.map(({ name }) => name)).toEqual(["margin-0.1", "margin-0.2", "margin-0.3"]);
  });

  it("goes on after a failure, names it at the end, and repeats it the next time", async () => {
    let broken = true;
    const runCandidate = async ({ candidate }: TuningJob): Promise<{ score: number }> => {
      if (broken && candidate.margin === 0.2) throw new RangeError("no memory");
      return { score: 1 };
    };
    const run = options({ runCandidate, space: { margin: [0.1, 0.2, 0.3] } });
    await expect(runTuning(run)).rejects.toThrow(
      new UserError("1 of 3 candidates failed: margin-0.2; run again to repeat them"),
    );
    expect(said).toContain("fail  margin-0.2: no memory");
    expect(said).toContain("done  margin-0.3");
    broken = false;
    expect(await runTuning(run)).toHaveLength(3);
  });

  it("stops when it is interrupted, and keeps what is done", async () => {
    const runCandidate = async ({ candidate }: TuningJob): Promise<{ score: number }> => {
      if (candidate.margin === 0.2) throw new InterruptedError("stopped", 130);
      return { score: 1 };
    };
    const run = options({ runCandidate, space: { margin: [0.1, 0.2, 0.3] } });
    await expect(runTuning(run)).rejects.toThrow(new InterruptedError("stopped", 130));
    expect(readResults(join(folder, "results.csv")).map(({ name }) => name)).toEqual(["margin-0.1"]);
  });

  it("refuses no workers, and scores without the measure that decides", async () => {
    await expect(runTuning(options({ workers: 0 }))).rejects.toThrow(
      new UserError("expected `workers` to be a whole number of at least 1, got 0"),
    );
    const runCandidate = async (): Promise<Record<string, number>> => ({ loss: 1 });
    await expect(runTuning(options({ runCandidate, space: { margin: [1] } }))).rejects.toThrow(
      new UserError("1 of 1 candidates failed: margin-1; run again to repeat them"),
    );
    expect(said).toContain(
      "fail  margin-1: runTuning: expected the scores of margin-1 to have `score`, got loss",
    );
  });
});

describe("runInChild", () => {
  const program = new URL("./candidate-program.mjs", import.meta.url).pathname;
  const inChild = (mode: string): RunTuningOptions["runCandidate"] =>
    runInChild({
      argumentsOf: (files) => [program, mode, files.candidate, files.scores],
      environmentOf: ({ worker }) => ({ ...process.env, DEVICE: String(worker) }),
    });
  const job = (): TuningJob => ({
    candidate: { margin: 0.5 },
    name: "margin-0.5",
    folder: join(folder, "margin-0.5"),
    worker: 1,
  });
  const log = (): string => join(folder, "margin-0.5", "log.txt");

  it("gives the process its settings and environment, and takes its scores and what it prints", async () => {
    const rows = await runTuning(options({ runCandidate: inChild("work"), space: { margin: [0.5] } }));
    expect(rows).toEqual([{ name: "margin-0.5", margin: "0.5", score: "5" }]);
    expect(readFileSync(log(), "utf8")).toBe("margin 0.5 on device 0\n");
  });

  it("says how a process ended that failed, died or wrote nothing", async () => {
    await expect(inChild("fail")(job())).rejects.toThrow(
      new UserError(`its process ended with code 1: RangeError: no memory (see ${log()})`),
    );
    await expect(inChild("die")(job())).rejects.toThrow(
      new UserError(`its process ended with signal SIGKILL: margin 0.5 on device 1 (see ${log()})`),
    );
    await inChild("work")(job());
    const scores = join(folder, "margin-0.5", "scores.json");
    await expect(inChild("silent")(job())).rejects.toThrow(
      new UserError(`its process wrote no ${scores}; see ${log()}`),
    );
  });
});
