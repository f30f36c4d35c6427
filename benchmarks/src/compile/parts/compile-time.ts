import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mode } from "../../measure/peer.ts";
import { requirePython } from "../../measure/settings.ts";
import { taskOf } from "../classifier.ts";
import type { NetworkName } from "../networks/all-networks.ts";
import { withWorker } from "../worker-process.ts";

/** How long compiling took in a fresh process, and what onnxruntime made of the graph. */
export interface CompileRow {
  readonly network: NetworkName;
  readonly size: number;
  readonly mode: Mode;
  readonly milliseconds: number;
  readonly traceMilliseconds: number;
  readonly sessionMilliseconds: number;
  /** Before onnxruntime optimizes the graph. */
  readonly nodes: number;
  readonly optimized: OptimizedGraph;
}

/** Counts of nodes after onnxruntime has optimized a graph. */
export interface OptimizedGraph {
  readonly nodes: number;
  readonly transposes: number;
  readonly betweenConvolutions: number;
  /** Into and out of onnxruntime's blocked layout. */
  readonly reorders: number;
  /** Of the transposes between convolutions. */
  readonly names: readonly string[];
}

/** Compiles in a process of its own and counts the Transposes of the optimized graph. */
export async function measureCompileTime(
  mode: Mode,
  network: NetworkName,
  size: number,
): Promise<CompileRow> {
  const path = join(tmpdir(), `lmk-optimized-${process.pid}.onnx`);
  return withWorker({ name: "lmk" }, taskOf(network, size), mode, async ({ started, optimize }) => {
    try {
      await optimize(path);
      const { compileMilliseconds: milliseconds, report } = started;
      if (milliseconds === undefined || report === undefined) throw new Error("nothing was compiled");
      const { traceMilliseconds, sessionMilliseconds, nodes } = report;
      const optimized = countTransposes(path);
      return { network, size, mode, milliseconds, traceMilliseconds, sessionMilliseconds, nodes, optimized };
    } finally {
      rmSync(path, { force: true });
    }
  });
}

function countTransposes(path: string): OptimizedGraph {
  const script = new URL("../../../python/count_transposes.py", import.meta.url).pathname;
  return JSON.parse(execFileSync(requirePython(), [script, path], { encoding: "utf8" }));
}
