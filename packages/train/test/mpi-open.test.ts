import { openMpi } from "@lmk/train/mpi";
import { afterEach, describe, expect, it, vi } from "vitest";

interface FakeLibrary {
  readonly version?: string;
  readonly initialized?: number;
  readonly threads?: number;
  readonly errors?: Readonly<Record<string, number>>;
  /** Of a koffi that another part of the program has used before. */
  readonly stackSize?: number;
}

/** A koffi whose every library is this one: two ranks, of which this is the first. */
function fakeKoffi(library: FakeLibrary): object {
  const { version = "MPICH Version:\t4.0.2\nmore", initialized = 0, threads = 2, errors = {} } = library;
  const { stackSize = 2_097_152 } = library;
  const effects: Record<string, (...args: never[]) => void> = {
    MPI_Get_library_version: (buffer: Uint8Array, length: Int32Array) => {
      length[0] = new TextEncoder().encodeInto(version, buffer).written;
    },
    MPI_Initialized: (out: Int32Array) => out.fill(initialized),
    MPI_Init_thread: (_argc: null, _argv: null, _level: number, out: Int32Array) => out.fill(threads),
    MPI_Comm_rank: (_comm: number, out: Int32Array) => out.fill(0),
    MPI_Comm_size: (_comm: number, out: Int32Array) => out.fill(2),
    MPI_Error_string: (code: number, buffer: Uint8Array, length: Int32Array) => {
      length[0] = new TextEncoder().encodeInto(`error ${code}\0`, buffer).written;
    },
  };
  const func = (name: string): object => {
    const call = (...args: unknown[]): number => {
      effects[name]?.(...(args as never[]));
      return errors[name] ?? 0;
    };
    return Object.assign(call, {
      async: (...args: unknown[]) => {
        const done = args.pop() as (error: unknown, code: number) => void;
        setImmediate(() => done(null, call(...args)));
      },
    });
  };
  const config = (wanted?: object): object => {
    if (wanted) throw new Error("Cannot change Koffi configuration once a library has been loaded");
    return { async_stack_size: stackSize };
  };
  return { default: { config, load: () => ({ func }) } };
}

afterEach(() => {
  vi.doUnmock("koffi");
  vi.resetModules();
});

async function openWith(library: FakeLibrary): ReturnType<typeof openMpi> {
  vi.doMock("koffi", () => fakeKoffi(library));
  vi.resetModules();
  const mpi = await import("@lmk/train/mpi");
  return mpi.openMpi();
}

describe("openMpi", () => {
  it.each([0, -1, 2_000_001, Number.NaN])("refuses a timeout of %d seconds", async (timeoutSeconds) => {
    const message = `expected \`timeoutSeconds\` to be above 0 and at most 2000000, got ${timeoutSeconds}`;
    await expect(openMpi({ timeoutSeconds })).rejects.toThrow(new RangeError(`openMpi: ${message}`));
  });

  it("says what to install where no library is found", async () => {
    await expect(openMpi({ library: "libno-such-mpi.so.12" })).rejects.toThrow(
      new RangeError(
        "openMpi: expected an MPI library of the MPICH ABI (MPICH, Intel MPI, MVAPICH, Cray), got none of " +
          "libno-such-mpi.so.12; install one, such as Debian's mpich, or name its file in `library`",
      ),
    );
  });

  it("says what to install where koffi is missing", async () => {
    vi.doMock("koffi", () => {
      throw new Error("Cannot find package 'koffi'");
    });
    vi.resetModules();
    const mpi = await import("@lmk/train/mpi");
    await expect(mpi.openMpi()).rejects.toThrow(
      expect.objectContaining({
        name: "RangeError",
        message: "openMpi: expected the package koffi, got none; run npm install koffi",
      }),
    );
  });

  it.each<[string, FakeLibrary, string]>([
    [
      "another ABI",
      { version: "Open MPI v4.1.4, package: Debian" },
      "expected `library` to have the ABI of MPICH, got Open MPI v4.1.4, package: Debian",
    ],
    [
      "a koffi that has been used with small stacks",
      { stackSize: 131_072 },
      "expected to come before other uses of koffi, got one that has loaded a library with async_stack_size 131072; " +
        "MPI needs 2097152",
    ],
    ["a second call", { initialized: 1 }, "expected to be called once in a process, got a second call"],
    [
      "a library without threads",
      { threads: 1 },
      "expected an MPI library built for threads (MPI_THREAD_SERIALIZED), got level 1 of MPICH Version: 4.0.2",
    ],
    [
      "a failed start",
      { errors: { MPI_Init_thread: 15 } },
      "expected MPI_Init_thread to succeed, got its error code 15",
    ],
  ])("refuses %s", async (_name, library, message) => {
    await expect(openWith(library)).rejects.toThrow(
      expect.objectContaining({ name: "RangeError", message: `openMpi: ${message}` }),
    );
  });

  it("turns an error of the library into rank-lost, after which nothing else is done", async () => {
    const listeners = process.listeners("exit");
    const ranks = await openWith({ errors: { MPI_Allreduce: 7 } });
    for (const listener of process.listeners("exit").filter((known) => !listeners.includes(known)))
      process.off("exit", listener);
    expect({ rank: ranks.rank, size: ranks.size, library: ranks.library }).toEqual({
      rank: 0,
      size: 2,
      library: "MPICH Version: 4.0.2",
    });
    const message = "mean: expected MPI to succeed on rank 0, got error 7";
    await expect(ranks.mean([new Float32Array(2)])).rejects.toMatchObject({ code: "rank-lost", message });
    await expect(ranks.close()).rejects.toMatchObject({
      code: "rank-lost",
      message: `close: expected every rank to be there, got a rank lost before: ${message}`,
    });
  });
});
