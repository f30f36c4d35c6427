import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("programs/train-small.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

let folder: string;
let whole: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lmk-kill-"));
  whole = await run(join(folder, "whole"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Numbers of the steps that were told of. */
  readonly steps: number[];
  /** How it ended, and a hash of the weights. */
  readonly last: string;
}

/** Runs the program, and sends it a signal when it tells of a step. */
function run(
  to: string,
  send?: { readonly signal: NodeJS.Signals; readonly atStep: number },
): Promise<Outcome> {
  const args = ["--conditions=@lmk/source", "--import", "tsx", program, to];
  const child = spawn(process.execPath, args, { cwd: root });
  let text = "";
  let sent = false;
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
    if (!send || sent || !text.includes(`step ${send.atStep}\n`)) return;
    sent = child.kill(send.signal);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const lines = text.trim().split("\n");
      const steps = lines.flatMap((line) => (line.startsWith("step ") ? [Number(line.slice(5))] : []));
      resolve({ code, signal, steps, last: lines.at(-1)! });
    });
  });
}

describe("a run that is killed", () => {
  it("ends with the same weights when it was killed at ten moments", { timeout: 120_000 }, async () => {
    expect(whole.last).toMatch(/^finished 60 [0-9a-f]{64}$/);
    const to = join(folder, "killed");
    const moments = [3, 9, 14, 17, 23, 29, 36, 41, 50, 58];
    for (const atStep of moments) {
      const killed = await run(to, { signal: "SIGKILL", atStep });
      expect([killed.code, killed.signal]).toEqual([null, "SIGKILL"]);
    }
    const resumed = await run(to);
    // It goes on from a checkpoint, not from the start.
    expect(resumed.steps[0]).toBeGreaterThan(48);
    expect(resumed.last).toBe(whole.last);
    const { steps } = await readJsonLinesLog(join(to, "history.jsonl"));
    const expected = await readJsonLinesLog(join(folder, "whole", "history.jsonl"));
    const told = (log: typeof steps) =>
      log.map(({ step, loss, learningRate }) => ({ step, loss, learningRate }));
    expect(told(steps)).toEqual(told(expected.steps));
  });

  it("finishes the step, saves and exits with 130 on SIGINT, and goes on to the same weights", {
    timeout: 60_000,
  }, async () => {
    const to = join(folder, "interrupted");
    const stopped = await run(to, { signal: "SIGINT", atStep: 10 });
    expect([stopped.code, stopped.signal]).toEqual([130, null]);
    const [, step] = stopped.last.split(" ");
    expect(stopped.last).toMatch(/^interrupted \d+ /);
    expect(stopped.steps.at(-1)).toBe(Number(step));
    expect(await readdir(join(to, "checkpoints"))).toContain(`step-${step!.padStart(9, "0")}`);
    const resumed = await run(to);
    expect(resumed.steps[0]).toBe(Number(step) + 1);
    expect(resumed.last).toBe(whole.last);
  });
});
