import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { NamedArrays } from "@lmk/models";
import type { Task } from "./classifier.ts";

/** A PyTorch process that waits to be asked for training steps. */
export interface TorchProcess {
  readonly versions: Readonly<Record<string, string>>;
  step(): Promise<{ readonly milliseconds: number; readonly loss: number }>;
  /** The largest error of each array of a state in PyTorch's layout, over the largest value PyTorch has. */
  compare(state: NamedArrays): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** Starts `python` on the script beside, with the same weights (in PyTorch's layout) and the same batch. */
export async function startTorch(
  python: string,
  task: Task & { readonly threads: number; readonly dtype?: "float32" | "float64" },
  parameters: NamedArrays,
  batch: { readonly images: Float32Array; readonly labels: Int32Array },
): Promise<TorchProcess> {
  const script = new URL("../../python/compile_training_step.py", import.meta.url).pathname;
  const child = spawn(python, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, never>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the PyTorch process ended with code ${await exitCode(child)}`);
    return JSON.parse(value);
  };
  const send = (header: unknown, arrays: readonly (Float32Array | Int32Array)[]) => {
    child.stdin.write(`${JSON.stringify(header)}\n`);
    for (const { buffer, byteOffset, byteLength } of arrays) {
      child.stdin.write(new Uint8Array(buffer, byteOffset, byteLength));
    }
  };
  const shapesOf = (arrays: NamedArrays) => Object.entries(arrays).map(([name, { shape }]) => [name, shape]);
  const dataOf = (arrays: NamedArrays) => Object.values(arrays).map(({ data }) => data);
  send({ ...task, parameters: shapesOf(parameters) }, [
    ...dataOf(parameters),
    channelsFirst(batch.images, task),
    batch.labels,
  ]);
  const versions = await answer();
  return {
    versions,
    step: async () => {
      child.stdin.write("step\n");
      return (await answer()) as unknown as { milliseconds: number; loss: number };
    },
    compare: async (state) => {
      child.stdin.write("compare\n");
      send(shapesOf(state), dataOf(state));
      return ((await answer()) as unknown as { errors: Record<string, number> }).errors;
    },
    close: async () => {
      child.stdin.end();
      await exitCode(child);
    },
  };
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

function channelsFirst(images: Float32Array, { batch, size }: Task): Float32Array {
  const pixels = size * size;
  const result = new Float32Array(images.length);
  for (let n = 0; n < batch; n++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        result[(n * 3 + channel) * pixels + pixel] = images[(n * pixels + pixel) * 3 + channel];
      }
    }
  }
  return result;
}
