import { createMpiCommunicator, type MpiCommunicator } from "./mpi/mpi-communicator.ts";
import { loadMpi } from "./mpi/mpi-library.ts";

export type { Communicator } from "./communicator.ts";
export type { MpiCommunicator } from "./mpi/mpi-communicator.ts";
export type { LaunchedRank } from "./mpi/rank-from-environment.ts";
export { rankFromEnvironment } from "./mpi/rank-from-environment.ts";

/** Timers cannot wait longer than 2^31 milliseconds. */
const longestTimeout = 2_000_000;

/** Options of {@link openMpi}. */
export interface OpenMpiOptions {
  /**
   * Name or path of the MPI library's file.
   *
   * @defaultValue the first that is found of libmpich.so.12, libmpi.so.12, libmpich.so, libmpi.so, libmpi.12.dylib
   */
  readonly library?: string;
  /**
   * Seconds that an operation may wait for the other ranks before it rejects with `rank-lost`. Longer than anything
   * that one rank does while the others wait, such as writing a checkpoint. At most 2,000,000.
   *
   * @defaultValue 600
   */
  readonly timeoutSeconds?: number;
  /**
   * A signal by which the launcher tells the ranks that one of them is lost: `"SIGUSR1"` for MPICH's `mpirun` with
   * `-disable-auto-cleanup`. The operation under way then rejects at once instead of after `timeoutSeconds`.
   *
   * @defaultValue none: schedulers give such signals other meanings
   */
  readonly lostRankSignal?: NodeJS.Signals;
}

/**
 * Joins the ranks that `mpirun` or `srun` has started: for training on several devices or machines.
 *
 * Calls an installed MPI library of the MPICH ABI (MPICH, Intel MPI, MVAPICH, Cray MPICH) through the package `koffi`.
 * Started without a launcher, the process is the only rank. To be called once in a process, and before any other use
 * of koffi, whose threads get a larger stack here.
 *
 * - The operations run one after another in the order of the calls, on another thread: the program goes on meanwhile.
 *   `meanSync` alone blocks.
 * - `mean` adds in float32 in an order that MPI chooses: the bits are equal on every rank, but may differ between
 *   numbers of ranks, lengths of arrays, libraries and machines.
 * - Each operation first compares what the ranks are about to do (eight numbers). If they differ in the operation or
 *   in the lengths of arrays, it rejects with the same RangeError on every rank, and none has changed an array.
 * - A rank that died, failed or hangs: the operation that waits for it rejects with a TrainingError of code
 *   `rank-lost` after `timeoutSeconds`. The values of its arrays are then undefined, and further operations reject.
 * - A process that ends without `close`, whether by `abort`, by `process.exit` or by an error that nobody catches,
 *   ends those of all ranks with its exit code (1 if that is 0). After `rank-lost` it has to end in one of these ways:
 *   the thread that waits for the lost rank keeps it alive otherwise.
 *
 * @throws RangeError if koffi or the library is missing, the library has another ABI or does not support threads, or
 * the process has called MPI before.
 *
 * @example
 * ```ts
 * import { openMpi } from "@lmk/train/mpi";
 *
 * const ranks = await openMpi({ timeoutSeconds: 120 });
 * const gradient = Float32Array.of(ranks.rank);
 * await ranks.mean([gradient]); // of two ranks: 0.5 on both
 * await ranks.close();
 * ```
 *
 * @see {@link https://www.mpich.org/abi/ | The MPICH ABI}
 */
export async function openMpi(options: OpenMpiOptions = {}): Promise<MpiCommunicator> {
  const { library, timeoutSeconds = 600, lostRankSignal } = options;
  if (!(timeoutSeconds > 0 && timeoutSeconds <= longestTimeout))
    throw new RangeError(
      `openMpi: expected \`timeoutSeconds\` to be above 0 and at most ${longestTimeout}, got ${timeoutSeconds}`,
    );
  return createMpiCommunicator(await loadMpi(library), timeoutSeconds, lostRankSignal);
}
