import { Worker } from "node:worker_threads";
import { workerFlags } from "../worker-flags.ts";
import type { ImageJob } from "./dataset/image-writer.ts";

/** What a worker says: an image is on disk, it has nothing to do, or it failed. */
export type WorkerReply =
  | { readonly kind: "image" }
  | { readonly kind: "idle" }
  | { readonly kind: "error"; readonly error: unknown; readonly details: ErrorDetails };

/** What an error says beside its message, such as the `code` of a file that could not be written. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** What a worker thread runs: a file, or a line of code that loads one. */
export type WorkerProgram = { readonly file: URL } | { readonly code: string };

/** Images that a worker is given at a time: enough to keep it busy, few enough to stop soon. */
const batchSize = 8;

/** Whether a module was built, and does not run from its TypeScript source. */
export function isBuilt(moduleUrl: string): boolean {
  return !moduleUrl.endsWith(".ts");
}

/** The built worker beside the built entry; beside TypeScript source, code by which tsx loads the worker's source. */
export function findWorker(moduleUrl: string): WorkerProgram {
  if (isBuilt(moduleUrl)) return { file: new URL("./landmarks/worker.js", moduleUrl) };
  const source = JSON.stringify(new URL("./worker.ts", moduleUrl).href);
  return { code: `import("tsx/esm/api").then(({ tsImport }) => tsImport(${source}, ${source}))` };
}

/** As many workers as asked for, but none that would have nothing to do. */
export function countWorkers(asked: number, jobs: number): number {
  return Math.min(asked, Math.ceil(jobs / batchSize));
}

/** The fields of an error that are lost on the way between threads. */
export function detailsOf(error: unknown): ErrorDetails {
  if (!(error instanceof Error)) return {};
  const entries = Object.entries(error).filter(
    ([, value]) => typeof value === "string" || typeof value === "number",
  );
  return Object.fromEntries(entries) as ErrorDetails;
}

/** Has all jobs done by worker threads; rejects with the first failure or the signal's reason. */
export async function runInWorkers(
  jobs: readonly ImageJob[],
  crew: {
    readonly program: WorkerProgram;
    readonly workers: number;
    readonly signal: AbortSignal | undefined;
  },
  onImage: () => void,
): Promise<void> {
  let next = 0;
  const take = (): readonly ImageJob[] => {
    const batch = crew.signal?.aborted ? [] : jobs.slice(next, next + batchSize);
    next += batch.length;
    return batch;
  };
  const stop = new AbortController();
  const crews = Array.from({ length: crew.workers }, async () => {
    try {
      await runWorker(crew.program, () => (stop.signal.aborted ? [] : take()), onImage);
    } catch (error) {
      stop.abort();
      throw error;
    }
  });
  const failed = (await Promise.allSettled(crews)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  crew.signal?.throwIfAborted();
}

async function runWorker(
  program: WorkerProgram,
  take: () => readonly ImageJob[],
  onImage: () => void,
): Promise<void> {
  const execArgv = workerFlags();
  const worker =
    "file" in program
      ? new Worker(program.file, { execArgv })
      : new Worker(program.code, { eval: true, execArgv });
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
        else reject(withDetails(reply.error, reply.details));
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

function withDetails(error: unknown, details: ErrorDetails): unknown {
  return error instanceof Error ? Object.assign(error, details) : error;
}
