import { rankFromEnvironment } from "@lmk/train/mpi";
import { describe, expect, it } from "vitest";

describe("rankFromEnvironment", () => {
  it("reads the worked example", () => {
    const environment = { PMI_RANK: "3", PMI_SIZE: "4", MPI_LOCALRANKID: "1" };
    expect(rankFromEnvironment(environment)).toEqual({ rank: 3, size: 4, localRank: 1 });
  });

  it("gives nothing for a process that was started alone, or with some of the variables", () => {
    expect(rankFromEnvironment({})).toBeUndefined();
    expect(rankFromEnvironment({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toBeUndefined();
    expect(rankFromEnvironment({ PMI_RANK: "0", PMI_SIZE: undefined, MPI_LOCALRANKID: "0" })).toBeUndefined();
  });

  it.each([
    ["MVAPICH", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_LOCAL_RANK"],
    ["Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"],
    ["Slurm", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"],
  ])("reads the variables of %s", (_name, rank, size, localRank) => {
    const environment = { [rank]: "5", [size]: "8", [localRank]: "1" };
    expect(rankFromEnvironment(environment)).toEqual({ rank: 5, size: 8, localRank: 1 });
  });

  it("believes mpirun before the Slurm job that it runs in", () => {
    const slurm = { SLURM_PROCID: "0", SLURM_NTASKS: "1", SLURM_LOCALID: "0" };
    const hydra = { PMI_RANK: "1", PMI_SIZE: "2", MPI_LOCALRANKID: "1" };
    expect(rankFromEnvironment({ ...slurm, ...hydra })).toEqual({ rank: 1, size: 2, localRank: 1 });
  });

  it.each([
    [
      { PMI_RANK: "-1", PMI_SIZE: "2", MPI_LOCALRANKID: "0" },
      "expected `PMI_RANK` to be a whole number, got -1",
    ],
    [{ PMI_RANK: "0", PMI_SIZE: "", MPI_LOCALRANKID: "0" }, "expected `PMI_SIZE` to be a whole number, got "],
    [
      { PMI_RANK: "2", PMI_SIZE: "2", MPI_LOCALRANKID: "0" },
      "expected `PMI_RANK` to be below PMI_SIZE 2, got 2",
    ],
    [
      { PMI_RANK: "1", PMI_SIZE: "2", MPI_LOCALRANKID: "3" },
      "expected `MPI_LOCALRANKID` to be below PMI_SIZE 2, got 3",
    ],
  ])("refuses %o", (environment, message) => {
    expect(() => rankFromEnvironment(environment)).toThrow(new RangeError(`rankFromEnvironment: ${message}`));
  });
});
