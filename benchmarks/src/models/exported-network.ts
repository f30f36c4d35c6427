import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type NamedArrays, toReferenceLayout } from "@lmk/models";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { channelsFirst } from "../compile/torch-process.ts";
import type { Peer } from "../measure/peer.ts";

/** A network of a reference, and what it is run on. */
export interface ExportedNetwork {
  /** As `export_network.py` knows it. */
  readonly network: string;
  /** Its weights, in this project's layout. */
  readonly parameters: NamedArrays;
  /** `[batch, size, size, 3]` */
  readonly images: Float32Array;
  readonly batch: number;
  readonly size: number;
}

/** The reference's own network with the same weights, exported by PyTorch and run by the onnxruntime of this process. */
export async function startExportedNetwork(
  python: string,
  { network, parameters, images, batch, size }: ExportedNetwork,
  threads: number,
): Promise<Peer> {
  const path = join(tmpdir(), `lmk-exported-${process.pid}-${network}.onnx`);
  try {
    await exportNetwork(python, { network, batch, size, path }, toReferenceLayout(parameters));
    const session = await InferenceSession.create(path, {
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
    });
    const feed = new Tensor("float32", channelsFirst(images, { batch, size }), [batch, 3, size, size]);
    return {
      name: "exported",
      run: async () => {
        const begin = performance.now();
        const { embedding } = await session.run({ images: feed });
        const milliseconds = performance.now() - begin;
        return { milliseconds, values: embedding.data as Float32Array };
      },
      close: () => session.release(),
    };
  } finally {
    await rm(path, { force: true });
  }
}

async function exportNetwork(
  python: string,
  settings: { network: string; batch: number; size: number; path: string },
  parameters: NamedArrays,
): Promise<void> {
  const script = new URL("../../python/export_network.py", import.meta.url).pathname;
  const child = spawn(python, ["-W", "ignore", script], { stdio: ["pipe", "pipe", "inherit"] });
  const output = text(child.stdout);
  const shapes = Object.entries(parameters).map(([name, { shape }]) => [name, shape]);
  child.stdin.write(`${JSON.stringify({ ...settings, parameters: shapes })}\n`);
  for (const { data } of Object.values(parameters)) {
    child.stdin.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  child.stdin.end();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`export of ${settings.network} ended with code ${code}: ${await output}`);
}
