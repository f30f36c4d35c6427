import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTraining } from "../src/run-training.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = fileURLToPath(new URL("./programs/train-tiny.ts", import.meta.url));
const node = [process.execPath, "--conditions=@lmk/source", "--import", "tsx"];

/** Why ranks cannot be started here, or nothing. */
function missing(): string | undefined {
  const launcher = spawnSync("mpirun", ["--version"], { encoding: "utf8" });
  if (launcher.error) return "mpirun is not installed";
  if (!launcher.stdout.includes("HYDRA")) return "mpirun is not MPICH's";
  const load = 'require("koffi").load("libmpich.so.12")';
  const loaded = spawnSync(process.execPath, ["-e", load], { cwd: join(root, "packages", "train") });
  return loaded.status === 0 ? undefined : "libmpich.so.12 cannot be loaded";
}

const reason = missing();
const skipped = reason === undefined ? "" : ` (skipped: ${reason}; install MPICH, Debian's package mpich)`;

function mpirun(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn("mpirun", args, { cwd: root, timeout: 110_000, killSignal: "SIGKILL" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

describe.skipIf(reason !== undefined)(`two processes${skipped}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lmk-training-mpi-"));
    await generateTiny(join(folder, "images"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("with a device each train as one that takes both after each other", { timeout: 120_000 }, async () => {
    const images = join(folder, "images");
    const { code, output } = await mpirun(["-np", "2", ...node, program, images, join(folder, "two")]);
    expect({ code, output }).toEqual({ code: 0, output: "" });
    await runTraining({ ...(await tinyTraining(images, join(folder, "one"))), maxSteps: 4 });

    const lossesIn = async (name: string): Promise<readonly number[]> => {
      const { steps } = await readJsonLinesLog(join(folder, name, "history.jsonl"));
      return steps.map(({ loss }) => loss);
    };
    const [two, alone] = [await lossesIn("two"), await lossesIn("one")];
    expect([two.length, alone.length]).toEqual([4, 4]);
    // With batch norm over both devices, already the first loss would be another one.
    two.forEach((loss, step) => {
      expect(Math.abs(loss / alone[step]! - 1)).toBeLessThan(2e-5);
    });
    expect(existsSync(join(folder, "two", "resnet50_1.safetensors"))).toBe(true);
  });
});
