/** One search of a file of rows in a process of its own; its only argument is a {@link LargeTask} as JSON. */
import { readFileSync, writeFileSync } from "node:fs";
import { exactSearchAsync } from "@lmk/index";
import { openNpy, readNpy } from "@lmk/index/npy";
import type { LargeRun, LargeTask } from "./large-search-processes.ts";

function resident(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const { queries, database, k, engine, threads, file } = JSON.parse(process.argv[2]!) as LargeTask;
const rows = await readNpy(queries);
const source = await openNpy(database);
const loaded = resident("VmRSS");
const begin = performance.now();
const { ids } = await exactSearchAsync(rows, source, { k, engine, threads });
const total = performance.now() - begin;
await source.close();
writeFileSync(file, ids);
console.log(JSON.stringify({ total, loaded, peak: resident("VmHWM") } satisfies LargeRun));
