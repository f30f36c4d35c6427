import { type Crew, createCrew } from "./crew.ts";
import { mainProgram, type ThreadProgram } from "./program.ts";
import { availableCores } from "./thread.ts";

/** Worker threads that stay for many calls; see {@link createThreadPool}. */
export interface ThreadPool {
  /** How many threads work at the calls of one entry of the package. */
  readonly size: number;
  /** Ends the threads; calls that still use them reject. */
  dispose(): void;
}

/** Options of {@link createThreadPool}. */
export interface ThreadPoolOptions {
  /**
   * Worker threads, 1 or more.
   *
   * @defaultValue as many as there are cores, but at most 8
   */
  readonly threads?: number;
}

const mostThreads = 8;

type CrewOf = (program: ThreadProgram) => Promise<Crew>;

const pools = new WeakMap<ThreadPool, CrewOf>();

/**
 * Starts worker threads that many calls can use, also at the same time.
 *
 * Without a pool each call whose name ends in `Async` starts threads of its own and ends them, which takes some 50 ms and
 * leaves them no time to compile what they run often. A pool is for many short calls, such as one per request of a
 * server. An aborted call leaves the threads to others, as soon as they are done with the rows that they are at. If a
 * thread ends by itself, for lack of memory, the calls under way reject and the next call starts new threads. Idle threads
 * do not keep a process alive. Calls of `@lmk/rerank/geometry` and of `@lmk/rerank/recognition` have as many threads again,
 * which start with the first such call.
 *
 * @throws RangeError if `threads` is not a positive integer.
 *
 * @example
 * ```ts
 * import { createThreadPool, expandQueriesAsync } from "@lmk/rerank";
 *
 * const threads = await createThreadPool({ threads: 2 });
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1, 0.6, 0.8), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0), rows: 1, k: 2 };
 *
 * const options = { neighborCount: 1, alpha: 1, threads };
 * const { data } = await expandQueriesAsync(queries, database, neighbors, options);
 * console.log([...data].map((value) => value.toFixed(4)).join(" ")); // => 0.9430 0.3328
 * threads.dispose();
 * ```
 */
export async function createThreadPool(options: ThreadPoolOptions = {}): Promise<ThreadPool> {
  const { threads = await defaultThreads() } = options;
  if (!(Number.isInteger(threads) && threads > 0)) {
    throw new RangeError(`createThreadPool: expected \`threads\` to be a positive integer, got ${threads}`);
  }
  let isDisposed = false;
  const crews = new Map<ThreadProgram, Promise<Crew>>();
  const crewOf = async (program: ThreadProgram): Promise<Crew> => {
    if (isDisposed) throw new Error("the threads were disposed of");
    let starting = crews.get(program);
    if (starting === undefined) {
      starting = createCrew(threads, program);
      crews.set(program, starting);
    }
    const forget = (): void => {
      if (crews.get(program) === starting) crews.delete(program);
    };
    const crew = await starting.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (!crew.isOver()) return crew;
    forget();
    return crewOf(program);
  };
  await crewOf(mainProgram);
  const dispose = (): void => {
    isDisposed = true;
    for (const starting of crews.values()) {
      starting.then(
        (crew) => crew.dispose(),
        () => undefined,
      );
    }
  };
  const pool: ThreadPool = { size: threads, dispose };
  pools.set(pool, crewOf);
  return pool;
}

/** The threads of a pool, by what they run; nothing for what is no pool. */
export function crewsOf(pool: ThreadPool): CrewOf | undefined {
  return pools.get(pool);
}

/** How many threads a call starts that is told nothing. */
export async function defaultThreads(): Promise<number> {
  return Math.min(mostThreads, await availableCores());
}
