import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Peer } from "../measure/peer.ts";
import { createBatch, type Task } from "./classifier.ts";
import { channelsFirst, type TorchProcess } from "./torch-process.ts";

/** Inference as PyTorch exports it, run by the onnxruntime of this process. */
export async function startExported(torch: TorchProcess, task: Task, threads: number): Promise<Peer> {
  const path = join(tmpdir(), `lmk-exported-${process.pid}.onnx`);
  await torch.export(path);
  const session = await InferenceSession.create(path, {
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
  });
  await rm(path);
  const { batch, size } = task;
  const images = new Tensor("float32", channelsFirst(createBatch(task).images, task), [batch, 3, size, size]);
  return {
    name: "exported",
    run: async () => {
      const begin = performance.now();
      const { logits } = await session.run({ images });
      const milliseconds = performance.now() - begin;
      return { milliseconds, values: logits.data as Float32Array };
    },
    close: () => session.release(),
  };
}
