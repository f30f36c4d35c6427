import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type ImageJob, ImageWriter } from "./dataset/image-writer.ts";
import { countWorkers, findWorker, isBuilt, runInWorkers } from "./worker-pool.ts";

/** Worker threads where a caller does not say how many: none where the package runs from its TypeScript source. */
export function defaultWorkers(): number {
  return isBuilt(import.meta.url) ? Math.min(16, availableParallelism()) : 0;
}

/** Whether a file is on disk and holds something. */
export async function isWritten(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Renders and writes images in worker threads, or in the calling one if `workers` is 0; returns how many worked. */
export async function renderImages(
  jobs: readonly ImageJob[],
  run: {
    readonly workers: number;
    readonly signal: AbortSignal | undefined;
    readonly onImage: () => void;
  },
): Promise<number> {
  const { signal, onImage } = run;
  const workers = countWorkers(run.workers, jobs.length);
  if (workers > 0) {
    await runInWorkers(jobs, { program: findWorker(import.meta.url), workers, signal }, onImage);
    return workers;
  }
  const writer = new ImageWriter();
  for (const job of jobs) {
    signal?.throwIfAborted();
    await writer.write(job);
    onImage();
  }
  return 0;
}
