import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Memory, Peer, PeerRun } from "../measure/peer.ts";
import { threads } from "../measure/settings.ts";
import type { HeadTask } from "./head-task.ts";
import type { HeadRequest } from "./head-worker.ts";

/** A head in a process of its own. */
export interface HeadProcess extends Peer {
  memory(): Promise<Memory>;
  /** Counts the peak of memory from now on. */
  forgetPeak(): Promise<void>;
}

/** Starts the compiled step of a head in a Node process. */
export async function startLmkHead(task: HeadTask): Promise<HeadProcess> {
  const child = fork(new URL("head-worker.ts", import.meta.url), {
    execArgv: [...process.execArgv, "--expose-gc"],
    serialization: "advanced",
  });
  const ended = once(child, "exit");
  const ask = async <T>(request: HeadRequest): Promise<T> => {
    child.send(request);
    const answered = once(child, "message").then(([message]) => message);
    const gone = ended.then(([code, signal]) => ({ error: `the process ended with ${signal ?? code}` }));
    const { result, error } = await Promise.race([answered, gone]);
    if (error !== undefined) throw new Error(`lmk: ${error}`);
    return result;
  };
  await ask({ kind: "start", task });
  return {
    name: "lmk",
    run: () => ask<PeerRun>({ kind: "run" }),
    memory: () => ask<Memory>({ kind: "memory" }),
    forgetPeak: () => ask({ kind: "forget-peak" }),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Starts the same step in PyTorch. */
export async function startTorchHead(python: string, task: HeadTask): Promise<HeadProcess> {
  const script = new URL("../../python/head_peer.py", import.meta.url).pathname;
  const child = spawn(python, ["-W", "ignore", script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(request: string): Promise<T> => {
    child.stdin.write(`${request}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the PyTorch process ended with ${(await ended)[0]}`);
    return JSON.parse(value);
  };
  await ask(JSON.stringify({ ...task, threads }));
  return {
    name: "pytorch",
    run: () => ask<PeerRun>("run"),
    memory: () => ask<Memory>("memory"),
    forgetPeak: () => ask("forget-peak"),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
