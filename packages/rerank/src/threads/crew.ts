import { createSharing } from "./buffers.ts";
import type { RowWork } from "./method.ts";
import type { ThreadProgram } from "./program.ts";
import { startThread, type Thread } from "./thread.ts";

/** Threads that work together. */
export interface Crew {
  readonly size: number;
  /** Does the work of one call; what it is given is copied for the threads once. */
  begin(): CrewCall;
  /** Ends the threads at once; what is waited for rejects. */
  dispose(): void;
}

/** The work of one call: stage after stage. */
export interface CrewCall {
  /** Gives the parts in the order of rows. */
  run(work: RowWork, advance: (rows: number) => void): Promise<unknown[]>;
  /** Threads stay; rows that are not begun are not done any more. */
  end(): void;
}

/** Pieces that a stage is cut into, per thread: small enough that no thread waits long for the last one. */
const piecesPerThread = 16;

/** Starts threads. They keep the process alive while a call is under way. */
export async function createCrew(size: number, program: ThreadProgram): Promise<Crew> {
  const { source } = await program.load();
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Nobody may be waiting when it happens.
  failed.catch(() => undefined);
  const members = await Promise.all(Array.from({ length: size }, () => createMember(source, fail)));
  let calls = 0;
  let inputs = 0;
  const count = (change: number): void => {
    calls += change;
    for (const { thread } of members) thread.keepAlive(calls > 0);
  };
  count(0);

  const begin = (): CrewCall => {
    const share = createSharing();
    let isEnded = false;
    count(1);
    const run = async (
      { task, input, rows }: RowWork,
      advance: (rows: number) => void,
    ): Promise<unknown[]> => {
      const pieces = Math.max(1, Math.min(rows, size * piecesPerThread));
      const boundary = (piece: number): number => Math.floor((piece * rows) / pieces);
      const parts: unknown[] = new Array(pieces);
      const shared = share(input);
      const id = inputs++;
      let next = 0;
      const work = async ({ thread, ask }: Member): Promise<void> => {
        if (next >= pieces) return;
        thread.post({ kind: "input", id, input: shared });
        try {
          while (next < pieces && !isEnded) {
            const piece = next++;
            const [first, end] = [boundary(piece), boundary(piece + 1)];
            parts[piece] = await ask(id, task.name, first, end);
            advance(end - first);
          }
        } finally {
          thread.post({ kind: "forget", id });
        }
      };
      await Promise.race([Promise.all(members.map(work)), failed]);
      return parts;
    };
    const end = (): void => {
      if (isEnded) return;
      isEnded = true;
      count(-1);
    };
    return { run, end };
  };
  const dispose = (): void => {
    for (const { thread } of members) thread.terminate();
    fail(new Error("the threads were disposed of"));
  };
  return { size, begin, dispose };
}

interface Member {
  readonly thread: Thread;
  readonly ask: (id: number, task: string, first: number, end: number) => Promise<unknown>;
}

async function createMember(source: string, fail: (error: unknown) => void): Promise<Member> {
  const waiting: { resolve(part: unknown): void; reject(error: unknown): void }[] = [];
  const thread = await startThread(source, {
    onReply: (reply) => {
      const { resolve, reject } = waiting.shift()!;
      if ("error" in reply) reject(reply.error);
      else resolve(reply.part);
    },
    onError: fail,
  });
  return {
    thread,
    ask: (id, task, first, end) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        thread.post({ kind: "rows", id, task, first, end });
      }),
  };
}
