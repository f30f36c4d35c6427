/** A process that runs the training step of one head; `head-processes.ts` starts and asks it. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Peer } from "../measure/peer.ts";
import { startHead } from "./head-step.ts";
import type { HeadTask } from "./head-task.ts";

/** What a worker can be asked. */
export type HeadRequest =
  | { readonly kind: "start"; readonly task: HeadTask }
  | { readonly kind: "run" | "memory" | "forget-peak" };

function resident(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const loaded = resident("VmRSS");
let peer: Peer | undefined;

async function answer(request: HeadRequest): Promise<unknown> {
  switch (request.kind) {
    case "start":
      peer = await startHead(request.task);
      // The values that were read are copied into the state by now.
      return globalThis.gc?.();
    case "run":
      return peer?.run();
    case "memory":
      return { loaded, peak: resident("VmHWM") };
    case "forget-peak":
      return writeFileSync("/proc/self/clear_refs", "5");
  }
}

process.on("message", async (request: HeadRequest) => {
  try {
    process.send?.({ result: await answer(request) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
