/**
 * Data-parallel training over MPI beside one process: seconds per step, the share that goes into exchanging, and how far the
 * weights are apart.
 *
 *     pnpm --filter @lmk-benchmark/all bench:ranks
 *
 * Needs MPICH's `mpirun`. All runs see the same 16 images a step on two cores: one process with two threads, and two ranks
 * with one thread and 8 images each, with batch norm of each rank's own images and of both ranks' (SyncBN).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NamedArrays, readSafetensors } from "@lmk/train";
import { summarize } from "../measure/interleave.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps, warmup } from "../measure/settings.ts";
import { type RankRow, rankTables } from "./tables.ts";

const program = fileURLToPath(new URL("data-parallel.ts", import.meta.url));
const node = [process.execPath, "--conditions=@lmk/source", "--import", "tsx", program];
const folder = mkdtempSync(join(tmpdir(), "lmk-ranks-"));

interface Step {
  readonly step: number;
  readonly seconds: number;
  readonly communicationSeconds?: number;
}

/** Runs the program and gives its steps, without those of the warm-up. */
function run(name: string, ranks: number, options: readonly string[]): { times: Step[]; weights: string } {
  const to = join(folder, name);
  const [file, ...args] =
    ranks === 1
      ? [...node, to, ...options]
      : ["mpirun", "-np", String(ranks), ...node, to, "--mpi", ...options];
  const output = execFileSync(file!, args, { encoding: "utf8" });
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return {
    times: lines.map((line) => JSON.parse(line) as Step).slice(warmup),
    weights: join(to, "weights.safetensors"),
  };
}

function largestDifference(a: NamedArrays, b: NamedArrays): number {
  return Object.entries(a).reduce((largest, [name, { data }]) => {
    const other = b[name]!.data;
    return data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - other[i]!) / Math.max(1, Math.abs(value))),
      largest,
    );
  }, 0);
}

const sides = [
  { name: "one process, 2 threads", ranks: 1, options: ["--threads", "2"] },
  { name: "2 ranks, 1 thread each", ranks: 2, options: ["--threads", "1"] },
  { name: "2 ranks with SyncBN", ranks: 2, options: ["--threads", "1", "--sync"] },
];
const networks = [
  ["resnet18", ["--backbone", "resnet18", "--width", "64", "--side", "128"]],
  ["resnet50", ["--backbone", "resnet50", "--width", "64", "--side", "128"]],
] as const;

const begun = beginReport("none");
const rows: RankRow[] = [];
for (const [network, sizes] of networks) {
  for (const { name, ranks, options } of sides) {
    console.error(`${network}: ${name}`);
    const count = ["--steps", String(steps + warmup)];
    const { times } = run(`${network} ${name}`, ranks, [...sizes, ...options, ...count]);
    const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
    const exchanged = times.reduce((sum, { communicationSeconds = 0 }) => sum + communicationSeconds, 0);
    rows.push({
      network,
      name,
      milliseconds: summarize(times.map(({ seconds }) => 1000 * seconds)),
      communicationShare: exchanged / total,
    });
  }
}

console.error("weights after 8 steps");
const small = ["--steps", "8"];
const [alone, together] = await Promise.all(
  [run("alone", 1, small), run("together", 2, [...small, "--sync"])].map(
    async ({ weights }) => (await readSafetensors(weights)).arrays,
  ),
);
const results = { rows, weightsDifference: largestDifference(alone!, together!) };
rmSync(folder, { recursive: true });
const report = { ...begun, results, failures: [] };
console.log(rankTables(report));
writeReport(report, "ranks");
