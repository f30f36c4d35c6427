import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { LoaderSide, LoaderTask } from "./loader-sides.ts";

/** Starts PyTorch's DataLoader with torchvision's transforms in a process of its own, with two workers that stay. */
export async function torchSide(python: string, task: LoaderTask): Promise<LoaderSide> {
  const script = new URL("../../python/loader_peer.py", import.meta.url).pathname;
  const workers = 2;
  const child = spawn(python, ["-W", "ignore", script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  failed.catch(() => undefined);
  // A process that has ended takes no more requests; that it gives no more answers tells.
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(request: string): Promise<T> => {
    child.stdin.write(`${request}\n`);
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done === true) throw new Error("the PyTorch process ended");
    return JSON.parse(value);
  };
  const { pillow } = await ask<{ pillow: string }>(JSON.stringify({ ...task, workers }));
  return {
    name: `PyTorch DataLoader, ${pillow}, workers ${workers}`,
    workers,
    run: () => ask("run"),
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
