/** One method on one set in a process of its own; its only argument is a {@link MemoryTask} as JSON. */
import { readFileSync } from "node:fs";
import { summarize } from "../measure/interleave.ts";
import { growthMethods } from "./growth-methods.ts";
import type { MemoryTask, TaskMemory } from "./task-process.ts";
import { readSet } from "./task-set.ts";

/** Runs are repeated until they have taken this long together, but at least thrice. */
const enoughMilliseconds = 5000;

function resident(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const { method, size, folder, repeats } = JSON.parse(process.argv[2]!) as MemoryTask;
const pool = readSet(folder, size);
const run = growthMethods[method]!;
globalThis.gc?.();
const loaded = resident("VmRSS");
const times: number[] = [];
let peak = 0;
for (let sum = 0; times.length < repeats && (times.length < 3 || sum < enoughMilliseconds); ) {
  const begin = performance.now();
  await run(pool);
  const milliseconds = performance.now() - begin;
  // Of the first run: those after it start where garbage of the first still lies.
  if (times.length === 0) peak = resident("VmHWM");
  times.push(milliseconds);
  sum += milliseconds;
}
const { median } = summarize(times);
console.log(JSON.stringify({ milliseconds: median, runs: times.length, loaded, peak } satisfies TaskMemory));
