import type { Memory, Mode } from "../../measure/peer.ts";
import { requirePython, threads } from "../../measure/settings.ts";
import { taskOf } from "../classifier.ts";
import { startTorch } from "../torch-process.ts";
import { withWorker } from "../worker-process.ts";

const steps = 10;

/** Peaks of resident memory, in bytes, each side in a process of its own. */
export interface MemoryRow {
  readonly size: number;
  readonly batch: number;
  readonly steps: number;
  readonly lmk: Memory & {
    /** While the step was compiled. */
    readonly compiling: number;
    /** During the steps alone. */
    readonly running: number;
  };
  readonly pytorch: Memory;
}

/** The peak memory of ten training steps of ResNet-50. */
export async function measureMemory(size: number): Promise<MemoryRow> {
  const task = taskOf("resnet50", size);
  const mode: Mode = "train";

  const lmk = await withWorker({ name: "lmk" }, task, mode, async (worker) => {
    const { loaded, peak: compiling } = await worker.memory();
    await worker.forgetPeak();
    for (let i = 0; i < steps; i++) await worker.run();
    const { peak: running } = await worker.memory();
    return { loaded, peak: Math.max(compiling, running), compiling, running };
  });
  const torch = await startTorch(requirePython(), task, { threads });
  try {
    for (let i = 0; i < steps; i++) await torch.run(mode);
    const pytorch = await torch.memory();
    return { size, batch: task.batch, steps, lmk, pytorch };
  } finally {
    await torch.close();
  }
}
