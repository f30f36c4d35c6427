import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type NamedArrays, toReferenceLayout } from "@lmk/models";
import type { Memory, Mode, Peer, PeerRun } from "../measure/peer.ts";
import { createBatch, createClassifier, type Task } from "./classifier.ts";

/** A PyTorch process that waits to be asked. */
export interface TorchProcess {
  run(mode: Mode): Promise<PeerRun>;
  /** Writes inference as an ONNX file. */
  export(path: string): Promise<void>;
  memory(): Promise<Memory>;
  /** The largest error of each array of a state in PyTorch's layout, over the largest value PyTorch has. */
  compare(state: NamedArrays): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** How a {@link TorchProcess} runs its task. */
export interface TorchOptions {
  readonly threads: number;
  readonly dtype?: "float32" | "float64";
  /** Of the noise in the images. */
  readonly seed?: number;
}

/** Starts `python` on `torch_peer.py`, with the same weights and the same batch. */
export async function startTorch(python: string, task: Task, options: TorchOptions): Promise<TorchProcess> {
  const script = new URL("../../python/torch_peer.py", import.meta.url).pathname;
  const child = spawn(python, ["-W", "ignore", script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the PyTorch process ended with code ${await exitCode(child)}`);
      // torch.onnx.export writes remarks of its own.
      if (value.startsWith("{")) return JSON.parse(value);
    }
  };
  const send = (header: unknown, arrays: readonly (Float32Array | Int32Array)[]) => {
    child.stdin.write(`${JSON.stringify(header)}\n`);
    for (const { buffer, byteOffset, byteLength } of arrays) {
      child.stdin.write(new Uint8Array(buffer, byteOffset, byteLength));
    }
  };
  const ask = <T>(request: string): Promise<T> => {
    child.stdin.write(`${request}\n`);
    return answer<T>();
  };
  const shapesOf = (arrays: NamedArrays) => Object.entries(arrays).map(([name, { shape }]) => [name, shape]);
  const dataOf = (arrays: NamedArrays) => Object.values(arrays).map(({ data }) => data as Float32Array);

  const parameters = toReferenceLayout(createClassifier(task).parameters) as NamedArrays;
  const { images, labels } = createBatch(task, options.seed);
  send({ ...task, ...options, parameters: shapesOf(parameters) }, [
    ...dataOf(parameters),
    channelsFirst(images, task),
    labels,
  ]);
  // It answers when it is ready.
  await answer();
  return {
    run: (mode) => ask(mode),
    export: (path) => ask(`export ${path}`),
    memory: () => ask("memory"),
    compare: async (state) => {
      child.stdin.write("compare\n");
      send(shapesOf(state), dataOf(state));
      return (await answer<{ errors: Record<string, number> }>()).errors;
    },
    close: async () => {
      child.stdin.end();
      await exitCode(child);
    },
  };
}

/** A PyTorch process as a side of a comparison. */
export function torchPeer(torch: TorchProcess, mode: Mode): Peer {
  return { name: "pytorch", run: () => torch.run(mode), close: () => torch.close() };
}

/** Images as PyTorch keeps them: `[N, 3, H, W]` from `[N, H, W, 3]`. */
export function channelsFirst(
  images: Float32Array,
  { batch, size }: Pick<Task, "batch" | "size">,
): Float32Array {
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

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}
