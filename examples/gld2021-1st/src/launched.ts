import { type LaunchedRank, type MpiCommunicator, openMpi, rankFromEnvironment } from "@lmk/train/mpi";
import { InterruptedError, oneLine, UserError } from "@lmk-example/kit";

/** Does work alone, or as one of the processes that a launcher has started. */
export async function asLaunched(
  provider: "cpu" | "cuda" | "webgpu",
  work: (ranks: MpiCommunicator | undefined) => Promise<void>,
): Promise<void> {
  const launched = rankFromEnvironment(process.env);
  if (provider === "cuda") chooseDevice(launched);
  if (launched === undefined || launched.size === 1) return work(undefined);
  if (provider === "webgpu") {
    throw new UserError(
      `--provider webgpu: expected one process, got ${launched.size}; take cuda or cpu with mpirun`,
    );
  }
  const ranks = await openMpi();
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
function chooseDevice(launched: LaunchedRank | undefined): void {
  const place = launched?.localRank ?? 0;
  const devices = process.env.CUDA_VISIBLE_DEVICES?.split(",");
  process.env.CUDA_VISIBLE_DEVICES = devices === undefined ? `${place}` : devices[place % devices.length]!;
}
