import { fork } from "node:child_process";
import { once } from "node:events";
import type { CompileReport } from "@lmk/compile";
import type { Memory, Mode, Peer, PeerRun } from "../measure/peer.ts";
import { threads } from "../measure/settings.ts";
import type { Task } from "./classifier.ts";

/** What a worker runs its task on. */
export type Engine = { readonly name: "lmk" } | { readonly name: "tfjs-node"; readonly folder: string };

/** The request that a worker is given first. */
export interface StartRequest {
  readonly kind: "start";
  readonly engine: Engine;
  readonly task: Task;
  readonly mode: Mode;
  readonly threads: number;
}

/** What a worker can be asked. */
export type Request =
  | StartRequest
  | { readonly kind: "run" | "memory" | "forget-peak" }
  | { readonly kind: "optimize"; readonly path: string };

/** What compiling took, where the engine compiles. */
export interface Started {
  readonly compileMilliseconds?: number;
  readonly report?: CompileReport;
}

/** The memory of a worker, after its garbage was collected. */
export interface Reading extends Memory {
  /** Bytes now. */
  readonly resident: number;
  /** Tensors that tfjs holds. */
  readonly tensors: number;
}

/** A task in a Node process of its own. */
export interface Worker extends Peer {
  readonly started: Started;
  memory(): Promise<Reading>;
  /** Counts the peak of memory from now on. */
  forgetPeak(): Promise<void>;
  /** Writes the compiled graph as onnxruntime has optimized it. */
  optimize(path: string): Promise<void>;
}

/** Starts a task in a process of its own; rejects if the engine refuses it. */
export async function startWorker(engine: Engine, task: Task, mode: Mode): Promise<Worker> {
  const child = fork(new URL("worker.ts", import.meta.url), {
    execArgv: [...process.execArgv, "--expose-gc"],
    serialization: "advanced",
    env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads), TF_CPP_MIN_LOG_LEVEL: "2" },
  });
  const ended = once(child, "exit");
  const ask = async <T>(request: Request): Promise<T> => {
    child.send(request);
    const answered = once(child, "message").then(([message]) => message);
    const gone = ended.then(([code, signal]) => ({ error: `the process ended with ${signal ?? code}` }));
    const { result, error } = await Promise.race([answered, gone]);
    if (error !== undefined) throw new Error(`${engine.name}: ${error}`);
    return result;
  };
  const close = async () => {
    child.kill();
    await ended;
  };
  try {
    const started = await ask<Started>({ kind: "start", engine, task, mode, threads });
    return {
      name: engine.name,
      started,
      run: () => ask<PeerRun>({ kind: "run" }),
      memory: () => ask<Reading>({ kind: "memory" }),
      forgetPeak: () => ask({ kind: "forget-peak" }),
      optimize: (path) => ask({ kind: "optimize", path }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a task in a process of its own, uses it, and ends the process whatever happens. */
export async function withWorker<T>(
  engine: Engine,
  task: Task,
  mode: Mode,
  use: (worker: Worker) => Promise<T>,
): Promise<T> {
  const worker = await startWorker(engine, task, mode);
  try {
    return await use(worker);
  } finally {
    await worker.close();
  }
}
