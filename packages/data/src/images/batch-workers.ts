import { Worker } from "node:worker_threads";
import { workerFlags } from "../worker-flags.ts";
import type { BatchJob, BatchLoader, BatchSettings, LoadedBatch } from "./load-batch.ts";

/** What a worker is told. */
export type WorkerRequest =
  | { readonly kind: "load"; readonly job: BatchJob }
  | {
      /** To let nothing further begin, and to end. */
      readonly kind: "stop";
    };

/** What a worker says. */
export type WorkerReply =
  | { readonly kind: "batch"; readonly batch: LoadedBatch }
  | {
      readonly kind: "error";
      readonly position: number;
      readonly error: unknown;
      /** The properties of the error beside its message. */
      readonly properties: object;
    };

/** Who waits for a batch. */
interface Waiting {
  readonly resolve: (batch: LoadedBatch) => void;
  readonly reject: (error: unknown) => void;
}

/** Loads batches on threads, which start when they are needed and are given as much as others have. */
export function createBatchWorkers(file: URL, count: number, settings: BatchSettings): BatchLoader {
  const share = { ...settings, concurrency: Math.ceil(settings.concurrency / count) };
  const workers: BatchWorker[] = [];
  const choose = (): BatchWorker => {
    const least = workers.reduce<BatchWorker | undefined>(
      (a, b) => (a === undefined || b.waiting < a.waiting ? b : a),
      undefined,
    );
    if (least !== undefined && (least.waiting === 0 || workers.length === count)) return least;
    const added = new BatchWorker(file, share);
    workers.push(added);
    return added;
  };
  return {
    load: (job) => choose().load(job),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/** One thread. */
class BatchWorker {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #failure: unknown;

  constructor(file: URL, settings: BatchSettings) {
    this.#worker = new Worker(file, { workerData: settings, execArgv: workerFlags() });
    this.#worker.on("message", (reply: WorkerReply) => this.#answer(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => {
      const actual = `one that ended with code ${code}`;
      this.#fail(new RangeError(`loadBatches: expected \`workers\` to go on, got ${actual}`));
    });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.unref();
  }

  /** Batches that were asked for and are not there yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  load(job: BatchJob): Promise<LoadedBatch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const request: WorkerRequest = { kind: "load", job };
    this.#worker.postMessage(request, job.images === undefined ? [] : [job.images.buffer as ArrayBuffer]);
    // Only a thread with something to do keeps the process.
    this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.set(job.position, { resolve, reject }));
  }

  /** Ends the thread once it is done with the images in work. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: "stop" } satisfies WorkerRequest);
    this.#worker.ref();
    await this.#ended;
  }

  #answer(reply: WorkerReply): void {
    const position = reply.kind === "batch" ? reply.batch.position : reply.position;
    const waiting = this.#waiting.get(position);
    this.#waiting.delete(position);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply.kind === "batch") waiting?.resolve(reply.batch);
    else waiting?.reject(restored(reply.error, reply.properties));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function restored(error: unknown, properties: object): unknown {
  return error instanceof Error ? Object.assign(error, properties) : error;
}
