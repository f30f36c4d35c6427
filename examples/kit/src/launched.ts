import { type LaunchedRank, type MpiCommunicator, openMpi, rankFromEnvironment } from "@lmk/train/mpi";
import { InterruptedError, oneLine, UserError } from "./user-error.ts";

/** What {@link asLaunched} is told. */
export interface LaunchOptions {
  readonly provider: "cpu" | "cuda" | "webgpu";
  /** The devices of a machine, such as `"0,1"`, of which each process takes its own with `cuda`; by its place where not given. */
  readonly devices?: string | undefined;
  /** Seconds that a process waits for the others at most. */
  readonly timeoutSeconds?: number;
}

/**
 * Does work alone, or as one of the processes that a launcher has started. If one fails, the others end too, and what it
 * shows is its own error.
 *
 * @throws {UserError} if several processes were started for `webgpu`, or by the launcher of another MPI.
 */
export async function asLaunched(
  { provider, devices, timeoutSeconds }: LaunchOptions,
  work: (ranks: MpiCommunicator | undefined) => Promise<void>,
): Promise<void> {
  const launched = rankFromEnvironment(process.env);
  if (provider === "cuda") chooseDevice(devices, launched);
  if (launched === undefined || launched.size === 1) return work(undefined);
  if (provider === "webgpu") {
    throw new UserError(
      `--provider webgpu: expected one process, got ${launched.size}; take cuda or cpu with mpirun`,
    );
  }
  const ranks = await openMpi(timeoutSeconds === undefined ? {} : { timeoutSeconds });
  try {
    requireSamePlace(launched, ranks);
    await work(ranks);
  } catch (error) {
    if (!(error instanceof InterruptedError)) {
      // What is not written yet is lost when the job is ended.
      await new Promise((resolve) =>
        process.stderr.write(`train: rank ${ranks.rank}: ${oneLine(error)}\n`, resolve),
      );
      ranks.abort(1);
    }
    await ranks.close();
    throw error;
  }
  await ranks.close();
}

/** Refuses a launcher of another MPI: its processes do not see each other, and would all write the same files. */
function requireSamePlace(launched: LaunchedRank, { rank, size }: MpiCommunicator): void {
  if (launched.rank === rank) return;
  throw new UserError(
    `train: expected process ${launched.rank} of ${launched.size}, as its launcher says, got ${rank} of ${size} from MPI; start it with MPICH's mpirun`,
  );
}

/** Shows a process the one device that is its own, before a library looks for devices. */
function chooseDevice(list: string | undefined, launched: LaunchedRank | undefined): void {
  const place = launched?.localRank ?? 0;
  const devices = list?.split(",");
  process.env.CUDA_VISIBLE_DEVICES = devices === undefined ? `${place}` : devices[place % devices.length]!;
}
