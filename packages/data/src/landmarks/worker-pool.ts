import { Worker } from "node:worker_threads";
import type { ImageJob } from "./dataset/image-writer.ts";

/** What a worker says: an image is on disk, it has nothing to do, or it failed. */
export type WorkerReply =
  | { readonly kind: "image" }
  | { readonly kind: "idle" }
  | { readonly kind: "error"; readonly error: unknown };

/** Images that a worker is given at a time: enough to keep it busy, few enough to stop soon. */
const batchSize = 8;

/** The built worker beside the built entry; null where this module runs from its TypeScript source. */
export function findWorkerFile(moduleUrl: string): URL | null {
  return moduleUrl.endsWith(".ts") ? null : new URL("./landmarks/worker.js", moduleUrl);
}

/** Has all jobs done by worker threads; rejects with the first failure or the signal's reason. */
export async function runInWorkers(
  jobs: readonly ImageJob[],
  crew: { readonly file: URL; readonly workers: number; readonly signal: AbortSignal | undefined },
  onImage: () => void,
): Promise<void> {
  let next = 0;
  const take = (): readonly ImageJob[] => {
    const batch = crew.signal?.aborted ? [] : jobs.slice(next, next + batchSize);
    next += batch.length;
    return batch;
  };
  const stop = new AbortController();
  const count = Math.min(crew.workers, Math.ceil(jobs.length / batchSize));
  const crews = Array.from({ length: count }, async () => {
    try {
      await runWorker(crew.file, () => (stop.signal.aborted ? [] : take()), onImage);
    } catch (error) {
      stop.abort();
      throw error;
    }
  });
  const failed = (await Promise.allSettled(crews)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  crew.signal?.throwIfAborted();
}

async function runWorker(file: URL, take: () => readonly ImageJob[], onImage: () => void): Promise<void> {
  const worker = new Worker(file);
  try {
    await new Promise<void>((resolve, reject) => {
      const give = (): void => {
        const batch = take();
        if (batch.length === 0) resolve();
        else worker.postMessage(batch);
      };
      worker.on("message", (reply: WorkerReply) => {
        if (reply.kind === "image") onImage();
        else if (reply.kind === "idle") give();
        else reject(reply.error);
      });
      worker.once("error", reject);
      worker.once("exit", (code) =>
        reject(
          new RangeError(
            `generateLandmarks: expected \`workers\` to go on, got one that ended with code ${code}`,
          ),
        ),
      );
      give();
    });
  } finally {
    await worker.terminate();
  }
}
