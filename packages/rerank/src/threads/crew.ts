import { createSharing } from "./buffers.ts";
import type { RowWork } from "./method.ts";
import type { ThreadProgram } from "./program.ts";
import { loadThreads, type Thread, type ThreadEvents } from "./thread.ts";

/** Threads that work together. */
export interface Crew {
  /** Whether the threads have ended: by {@link Crew.dispose}, or all of them because one did. */
  readonly isOver: () => boolean;
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
  const [{ source }, startThread] = await Promise.all([program.load(), loadThreads()]);
  const members: Member[] = [];
  /** Rejects each stage that is under way. A promise for all of them would keep what they gave as long as the threads. */
  const stops = new Set<(reason: unknown) => void>();
  let over: { readonly reason: unknown } | undefined;
  const end = (reason: unknown): void => {
    if (over !== undefined) return;
    over = { reason };
    for (const { thread } of members) thread.terminate();
    for (const stop of stops) stop(reason);
  };
  try {
    while (members.length < size) members.push(createMember((events) => startThread(source, events), end));
  } catch (error) {
    end(error);
    throw error;
  }
  let calls = 0;
  let inputs = 0;
  const count = (change: number): void => {
    calls += change;
    if (over === undefined) for (const { thread } of members) thread.keepAlive(calls > 0);
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
      if (over !== undefined) throw over.reason;
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
            if (!isEnded) advance(end - first);
          }
        } finally {
          thread.post({ kind: "forget", id });
        }
      };
      let stop: (reason: unknown) => void = () => undefined;
      const stopped = new Promise<never>((_, reject) => {
        stop = reject;
      });
      stops.add(stop);
      try {
        await Promise.race([Promise.all(members.map(work)), stopped]);
      } finally {
        stops.delete(stop);
      }
      return parts;
    };
    const endCall = (): void => {
      if (isEnded) return;
      isEnded = true;
      count(-1);
    };
    return { run, end: endCall };
  };
  const dispose = (): void => end(new Error("the threads were disposed of"));
  return { isOver: () => over !== undefined, begin, dispose };
}

interface Member {
  readonly thread: Thread;
  readonly ask: (id: number, task: string, first: number, end: number) => Promise<unknown>;
}

function createMember(start: (events: ThreadEvents) => Thread, onError: (error: unknown) => void): Member {
  const waiting: { resolve(part: unknown): void; reject(error: unknown): void }[] = [];
  const thread = start({
    onReply: (reply) => {
      const { resolve, reject } = waiting.shift()!;
      if ("error" in reply) reject(reply.error);
      else resolve(reply.part);
    },
    onError,
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
