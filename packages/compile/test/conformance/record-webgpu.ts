/**
 * Runs every case on the WebGPU provider and writes `webgpu-record.json`: `pnpm --filter @lmk/compile record:webgpu`.
 * Each group runs in a process of its own, which is started again behind a case that ended it.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { allCases } from "./all-cases.ts";
import type { Case } from "./case.ts";
import { releaseWebgpu, webgpuObstacle } from "./software-gpu.ts";
import { type WebgpuRecord, webgpuOutcome, webgpuTolerance, writeWebgpuRecord } from "./webgpu-record.ts";

const examplesPerCase = 3;
const seed = 20200817;

type Outcomes = WebgpuRecord["cases"][string];

async function outcomesOf(checked: Case): Promise<Outcomes> {
  const examples = fc.sample(checked.arbitrary, { numRuns: examplesPerCase, seed });
  const { differentiable: _, ...valuesOnly } = checked;
  const forward = await webgpuOutcome(valuesOnly, examples);
  if ((checked.differentiable ?? []).length === 0) return { forward };
  return { forward, gradient: await webgpuOutcome(checked, examples) };
}

/** In the child: one line of JSON per case, from the case at `start` on. */
async function recordFrom(start: number): Promise<void> {
  const obstacle = await webgpuObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  for (const checked of allCases.slice(start)) {
    process.stdout.write(`${JSON.stringify(await outcomesOf(checked))}\n`);
  }
}

/** Starts children until every case has an outcome. */
async function recordAll(): Promise<Record<string, Outcomes>> {
  const found: Record<string, Outcomes> = {};
  let next = 0;
  while (next < allCases.length) {
    const child = spawn(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), String(next)],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let complaint = "";
    child.stderr.on("data", (chunk) => {
      complaint = `${complaint}${chunk}`.slice(-4000);
    });
    const ended = new Promise<string>((resolve) => {
      child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const start = next;
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith("{")) continue;
      found[allCases[next].name] = JSON.parse(line) as Outcomes;
      next += 1;
    }
    const how = await ended;
    if (next === allCases.length) break;
    if (next === start && start === 0)
      throw new Error(`the first case ended the process: ${how}\n${complaint}`);
    found[allCases[next].name] = { forward: { failure: `ended the process: ${how}` } };
    next += 1;
  }
  return found;
}

const start = process.argv[2];
if (start === undefined) {
  const manifest = new URL("../../package.json", import.meta.url);
  const { devDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const cases = await recordAll();
  writeWebgpuRecord({
    driver: process.env.LMK_WEBGPU_DRIVER ?? "SwiftShader of Debian's chromium",
    onnxruntime: devDependencies["onnxruntime-node"],
    tolerance: webgpuTolerance,
    examplesPerCase,
    cases,
  });
} else {
  await recordFrom(Number(start));
  await releaseWebgpu();
}
