/** A process that runs one task on one engine; `worker-process.ts` starts and asks it. */
import { readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession } from "onnxruntime-node";
import type { Peer } from "../measure/peer.ts";
import { type CompiledPeer, startCompiled } from "./compiled-peer.ts";
import { startTfjsNode } from "./tfjs-node-peer.ts";
import type { Reading, Request, Started, StartRequest } from "./worker-process.ts";

function resident(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const loaded = resident("VmRSS");
let peer: Peer | CompiledPeer | undefined;

async function start({ engine, task, mode, threads }: StartRequest): Promise<Started> {
  if (engine.name === "tfjs-node") {
    peer = await startTfjsNode(engine.folder, task, mode);
    return {};
  }
  const compiled = await startCompiled(task, mode, { threads });
  peer = compiled;
  return { compileMilliseconds: compiled.compileMilliseconds, report: compiled.compiled.report };
}

function read(): Reading {
  globalThis.gc?.();
  return {
    loaded,
    peak: resident("VmHWM"),
    resident: resident("VmRSS"),
    tensors: tf.engine().state.numTensors,
  };
}

/** Writes the graph as onnxruntime has optimized it. */
async function optimize(path: string): Promise<void> {
  if (peer === undefined || !("compiled" in peer)) throw new Error("nothing is compiled");
  const session = await InferenceSession.create(peer.compiled.toOnnx({ state: "inputs" }).model, {
    graphOptimizationLevel: "all",
    optimizedModelFilePath: path,
    logSeverityLevel: 3,
  });
  await session.release();
}

async function answer(request: Request): Promise<unknown> {
  switch (request.kind) {
    case "start":
      return start(request);
    case "run":
      return peer?.run();
    case "memory":
      return read();
    case "forget-peak":
      return writeFileSync("/proc/self/clear_refs", "5");
    case "optimize":
      return optimize(request.path);
  }
}

process.on("message", async (request: Request) => {
  try {
    process.send?.({ result: await answer(request) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
