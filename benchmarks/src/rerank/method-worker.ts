/** One method on one set in a process of its own; its arguments are a {@link MethodTask} as JSON and a file to write. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { summarize } from "../measure/interleave.ts";
import type { Variant } from "./method.ts";
import type { MethodRun, MethodTask } from "./method-process.ts";
import { methodNamed } from "./methods.ts";
import type { PreparedProblem } from "./prepared-problem.ts";
import { joinScores, type QueryScores, scoreLists } from "./scores.ts";

/** Runs are repeated until they have taken this long together, but at least thrice. */
const enoughMilliseconds = 2000;

const [, , task, output] = process.argv;
const { method, folder, repeats, grid } = JSON.parse(task!) as MethodTask;
const problems = deserialize(readFileSync(join(folder, "problems"))) as PreparedProblem[];
const { variants } = methodNamed(method);

function resident(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** Milliseconds of both parts over all problems, and the scores. */
async function runOnce({ prepare, run }: Variant) {
  const parts: QueryScores[] = [];
  let [before, during] = [0, 0];
  for (const problem of problems) {
    const begin = performance.now();
    const prepared = await prepare?.(problem);
    const ready = performance.now();
    const found = await run(problem, prepared);
    before += ready - begin;
    during += performance.now() - ready;
    parts.push(scoreLists(problem, found));
  }
  return { before, during, scores: joinScores(parts) };
}

globalThis.gc?.();
// From here on the peak is counted anew.
writeFileSync("/proc/self/clear_refs", "5");
const loaded = resident("VmRSS");
const first = await runOnce(variants[0]!);
// The kernel counts in steps.
const peak = Math.max(loaded, resident("VmHWM"));
const runs: { readonly before: number; readonly during: number }[] = [];
for (let sum = 0; runs.length < repeats && (runs.length < 3 || sum < enoughMilliseconds); ) {
  const { before, during } = await runOnce(variants[0]!);
  runs.push({ before, during });
  sum += before + during;
}
const found = [{ settings: variants[0]!.settings, scores: first.scores }];
for (const variant of grid ? variants.slice(1) : []) {
  found.push({ settings: variant.settings, scores: (await runOnce(variant)).scores });
}
const result: MethodRun = {
  milliseconds: summarize(runs.map(({ during }) => during)).median,
  runs: runs.length,
  prepareMilliseconds: summarize(runs.map(({ before }) => before)).median,
  loaded,
  peak,
  variants: found,
};
writeFileSync(output!, serialize(result));
