/** A thread that runs a program given as text. */
export interface WorkerThread {
  /** Sends a message; buffers in `transfer` are moved, all else is copied. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the thread keeps the process alive, as it does at first. Threads of browsers have no such notion. */
  keepAlive(on: boolean): void;
  /** Ends the thread at once; settled when it has ended and, in Node, its memory is free. */
  terminate(): Promise<void>;
}

/** What a thread's owner is told. */
export interface WorkerEvents {
  onMessage(message: unknown): void;
  /** The thread failed or ended by itself; it takes no more messages. */
  onError(error: Error): void;
}

/** What is used of the workers of Node, Deno and Bun. */
interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): Promise<number>;
  on(event: string, listener: (value: never) => void): void;
  unref(): void;
  ref(): void;
}

interface NodeWorkerThreads {
  readonly Worker: new (source: string, options: { eval: true; execArgv: string[] }) => NodeWorker;
}

/** What is used of the workers of browsers. */
interface WebWorker {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  /** The message is missing where the browser refuses to start the worker. */
  onerror: ((event: { readonly message?: string }) => void) | null;
}

interface WebGlobals {
  readonly Worker: new (url: string) => WebWorker;
  readonly Blob: new (parts: string[], options: { type: string }) => unknown;
  readonly URL: { createObjectURL(blob: unknown): string; revokeObjectURL(url: string): void };
}

interface ProcessGlobal {
  readonly process?: {
    getBuiltinModule?(name: string): unknown;
    readonly versions?: { readonly node?: string };
  };
}

/** Whether threads are those of `node:worker_threads`, as in Node, Deno and Bun, and not of a browser. */
export function hasNodeThreads(): boolean {
  return (globalThis as ProcessGlobal).process?.versions?.node !== undefined;
}

/**
 * Starts a thread on the text of a script (a bundle of `tooling/generate.ts`, so that no bundler has to find a file).
 * In Node the thread does not keep the process alive while it has nothing to do: see {@link WorkerThread}'s owner.
 */
export async function spawnWorker(source: string, events: WorkerEvents): Promise<WorkerThread> {
  return hasNodeThreads() ? spawnNodeWorker(source, events) : spawnWebWorker(source, events);
}

async function spawnNodeWorker(source: string, events: WorkerEvents): Promise<WorkerThread> {
  // Not a literal, so that bundlers for browsers do not look for it.
  const specifier = "node:worker_threads";
  const { Worker } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ specifier
  )) as NodeWorkerThreads;
  // No flags of the process: those that load TypeScript or read a program from a string are not for threads.
  const worker = new Worker(source, { eval: true, execArgv: [] });
  let ended = false;
  worker.on("message", (message: unknown) => events.onMessage(message));
  worker.on("error", (error: Error) => {
    ended = true;
    events.onError(error);
  });
  worker.on("exit", (code: number) => {
    if (ended) return;
    ended = true;
    events.onError(new Error(`a worker thread ended with exit code ${code}`));
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    keepAlive: (on) => (on ? worker.ref() : worker.unref()),
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
}

function spawnWebWorker(source: string, events: WorkerEvents): WorkerThread {
  const { Blob, URL, Worker } = globalThis as unknown as WebGlobals;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  worker.onmessage = ({ data }) => events.onMessage(data);
  const refused = "a worker thread did not start: does the page's policy allow `blob:` workers?";
  worker.onerror = ({ message }) => events.onError(new Error(message ?? refused));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    keepAlive: () => {},
    terminate: async () => worker.terminate(),
  };
}
