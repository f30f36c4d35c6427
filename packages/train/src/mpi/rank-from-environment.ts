/** Where a process stands among those that a launcher has started. */
export interface LaunchedRank {
  /** This process among all, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** This process among those of its machine, from 0: the number of the device to use. */
  readonly localRank: number;
}

/** Names of variables: rank, number of ranks, rank on the machine. */
const launchers: readonly (readonly [rank: string, size: string, localRank: string])[] = [
  ["PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"],
  ["MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_LOCAL_RANK"],
  ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"],
  ["SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"],
];

/**
 * The rank that a launcher has given this process, read from its environment before any library is loaded, so that a
 * program can choose its device and its number of threads.
 *
 * Understands the variables of MPICH's and Intel's `mpirun`, of MVAPICH, Open MPI and Slurm's `srun`. Where several are
 * set, the first of them counts.
 *
 * @param environment - Such as `process.env`.
 * @returns `undefined` for a process that was started alone: no launcher has set all three variables.
 * @throws RangeError if a variable is no whole number, or a rank is not below the number of ranks.
 *
 * @example
 * ```ts
 * import { rankFromEnvironment } from "@lmk/train/mpi";
 *
 * rankFromEnvironment({ PMI_RANK: "3", PMI_SIZE: "4", MPI_LOCALRANKID: "1" }); // => { rank: 3, size: 4, localRank: 1 }
 * rankFromEnvironment({}); // => undefined
 * ```
 */
export function rankFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): LaunchedRank | undefined {
  const names = launchers.find((three) => three.every((name) => environment[name] !== undefined));
  if (!names) return undefined;
  const [rank, size, localRank] = names.map((name) => wholeNumber(name, environment[name]!));
  if (rank! >= size! || localRank! >= size!) {
    const [first, second] = rank! >= size! ? [names[0], rank] : [names[2], localRank];
    throw new RangeError(
      `rankFromEnvironment: expected \`${first}\` to be below ${names[1]} ${size}, got ${second}`,
    );
  }
  return { rank: rank!, size: size!, localRank: localRank! };
}

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new RangeError(`rankFromEnvironment: expected \`${name}\` to be a whole number, got ${value}`);
}
