import type { ThreadReply, ThreadRequest } from "./messages.ts";

/** A thread that runs a program given as text. */
export interface Thread {
  post(request: ThreadRequest): void;
  /** Whether the thread keeps the process alive, as it does at first. Threads of browsers have no such notion. */
  keepAlive(on: boolean): void;
  /** Ends the thread at once. */
  terminate(): void;
}

/** What a thread's owner is told. */
export interface ThreadEvents {
  onReply(reply: ThreadReply): void;
  /** The thread could not start, failed, or ended by itself. */
  onError(error: Error): void;
}

/** What is used of the workers of Node, Deno and Bun. */
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  on(event: string, listener: (value: never) => void): void;
  ref(): void;
  unref(): void;
}

interface NodeThreads {
  readonly Worker: new (source: string, options: { eval: true; execArgv: string[] }) => NodeWorker;
}

/** What is used of the workers of browsers. */
interface WebWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: { readonly data: ThreadReply }) => void) | null;
  onmessageerror: (() => void) | null;
  /** The message is missing where the browser refuses to start the worker. */
  onerror: ((event: { readonly message?: string }) => void) | null;
}

interface Globals {
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker: new (url: string) => WebWorker;
  readonly Blob: new (parts: string[], options: { type: string }) => unknown;
  readonly URL: { createObjectURL(blob: unknown): string; revokeObjectURL(url: string): void };
}

const globals = globalThis as unknown as Globals;

async function importNode<Module>(name: string): Promise<Module | undefined> {
  if (globals.process?.versions?.node === undefined) return undefined;
  // Not a literal, so that bundlers for browsers do not look for it.
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ `node:${name}`)) as Module;
}

/** Cores that this process may use; 0 where it cannot start threads. */
export async function availableCores(): Promise<number> {
  const os = await importNode<{ availableParallelism(): number }>("os");
  if (os !== undefined) return os.availableParallelism();
  return typeof globals.Worker === "function" ? (globals.navigator?.hardwareConcurrency ?? 1) : 0;
}

/** Starts a thread on the text of a script (a bundle, so that no bundler has to find a file). */
export type StartThread = (source: string, events: ThreadEvents) => Thread;

/** How threads are started here. */
export async function loadThreads(): Promise<StartThread> {
  const node = await importNode<NodeThreads>("worker_threads");
  return node === undefined ? startWebThread : (source, events) => startNodeThread(node, source, events);
}

function startNodeThread(node: NodeThreads, source: string, { onReply, onError }: ThreadEvents): Thread {
  // No flags of the process: those that load TypeScript or read a program from a string are not for threads.
  const worker = new node.Worker(source, { eval: true, execArgv: [] });
  worker.on("message", onReply);
  worker.on("messageerror", onError);
  worker.on("error", onError);
  worker.on("exit", (code: number) => onError(new Error(`a worker thread ended with exit code ${code}`)));
  return {
    post: (request) => worker.postMessage(request),
    keepAlive: (on) => (on ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function startWebThread(source: string, { onReply, onError }: ThreadEvents): Thread {
  const url = globals.URL.createObjectURL(new globals.Blob([source], { type: "text/javascript" }));
  const worker = new globals.Worker(url);
  globals.URL.revokeObjectURL(url);
  const refused = "a worker thread did not start: does the page's policy allow `blob:` workers?";
  worker.onmessage = ({ data }) => onReply(data);
  worker.onmessageerror = () => onError(new Error("the answer of a worker thread could not be read"));
  worker.onerror = ({ message }) => onError(new Error(message ?? refused));
  return {
    post: (request) => worker.postMessage(request),
    keepAlive: () => undefined,
    terminate: () => worker.terminate(),
  };
}
