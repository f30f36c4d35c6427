import type { default as Koffi, KoffiFunc, LibraryHandle } from "koffi";

// Handles and constants of the MPICH ABI (https://www.mpich.org/abi/), which mpi.h defines as integers.
const world = 0x44000000;
const errorsReturn = 0x54000001;
const float = 0x4c00040a;
const double = 0x4c00080b;
const inPlace = 0xffffffffffffffffn;
const ignoreStatus = 1n;
const threadsSerialized = 2;
const maximumErrorString = 512;
const maximumVersionString = 8192;

/** Stack of the thread that runs an operation: MPICH overflows koffi's default of 128 KiB. */
const asyncStackSize = 2 * 1024 * 1024;

const candidates: readonly string[] = [
  "libmpich.so.12",
  "libmpi.so.12",
  "libmpich.so",
  "libmpi.so",
  "libmpi.12.dylib",
];

type MpiFunction = KoffiFunc<(...args: readonly unknown[]) => number>;

/** Elements of a reduction: MPI's name of an array's type. */
export type Elements = Float32Array | Float64Array;

/** The calls of an MPI library that the communicator makes; each gives MPI's error code, 0 if all went well. */
export interface MpiLibrary {
  readonly name: string;
  readonly rank: number;
  readonly size: number;
  /** Sums float32, or takes the largest of float64, in place. */
  readonly reduce: (values: Elements) => Promise<number>;
  /** {@link reduce} on this thread; `undefined` if it was not done after `milliseconds`. */
  readonly reduceSync: (values: Elements, milliseconds: number) => number | undefined;
  readonly broadcast: (values: Float32Array, root: number) => Promise<number>;
  readonly finalize: () => number;
  readonly abort: (code: number) => number;
  readonly describe: (code: number) => string;
}

/** Loads koffi and the library, and joins the ranks of this job. */
export async function loadMpi(library: string | undefined): Promise<MpiLibrary> {
  const koffi = await importKoffi();
  enlargeStack(koffi);
  quietenUcx(koffi);
  const loaded = loadLibrary(koffi, library);
  const mpi = bind(loaded);
  const version = text(maximumVersionString, (buffer, length) => mpi.libraryVersion(buffer, length));
  const name = version.split("\n")[0]!.replace(/\s+/g, " ").trim();
  if (name.startsWith("Open MPI"))
    throw new RangeError(`openMpi: expected \`library\` to have the ABI of MPICH, got ${name}`);

  const out = new Int32Array(1);
  mpi.initialized(out);
  if (out[0] !== 0)
    throw new RangeError("openMpi: expected to be called once in a process, got a second call");
  requireSuccess(mpi.init(null, null, threadsSerialized, out), "MPI_Init_thread");
  if (out[0]! < threadsSerialized)
    throw new RangeError(
      `openMpi: expected an MPI library built for threads (MPI_THREAD_SERIALIZED), got level ${out[0]} of ${name}`,
    );
  requireSuccess(mpi.setErrorHandler(world, errorsReturn), "MPI_Comm_set_errhandler");
  const read = (call: (world: number, out: Int32Array) => number, what: string): number => {
    requireSuccess(call(world, out), what);
    return out[0]!;
  };
  return {
    name,
    rank: read(mpi.rank, "MPI_Comm_rank"),
    size: read(mpi.size, "MPI_Comm_size"),
    reduce: (values) =>
      promised(mpi.allreduce, [inPlace, values, values.length, typeOf(values), operationOn(values), world]),
    reduceSync(values, milliseconds) {
      const request = new Int32Array(1);
      const done = new Int32Array(1);
      const [type, operation] = [typeOf(values), operationOn(values)];
      let code = mpi.startAllreduce(inPlace, values, values.length, type, operation, world, request);
      const started = performance.now();
      while (code === 0 && done[0] === 0) {
        code = mpi.test(request, done, ignoreStatus);
        if (done[0] === 0 && performance.now() - started > milliseconds) return undefined;
      }
      return code;
    },
    broadcast: (values, root) => promised(mpi.broadcast, [values, values.length, float, root, world]),
    finalize: () => mpi.finalize(),
    abort: (code) => mpi.abort(world, code),
    describe: (code) => text(maximumErrorString, (buffer, length) => mpi.errorString(code, buffer, length)),
  };
}

function typeOf(values: Elements): number {
  return values instanceof Float32Array ? float : double;
}

function operationOn(values: Elements): number {
  const [max, sum] = [0x58000001, 0x58000003];
  return values instanceof Float32Array ? sum : max;
}

async function importKoffi(): Promise<typeof Koffi> {
  try {
    return (await import("koffi")).default;
  } catch (error) {
    throw new RangeError("openMpi: expected the package koffi, got none; run npm install koffi", {
      cause: error,
    });
  }
}

function enlargeStack(koffi: typeof Koffi): void {
  const config = koffi.config();
  if ((config.async_stack_size ?? 0) >= asyncStackSize) return;
  try {
    koffi.config({ ...config, async_stack_size: asyncStackSize });
  } catch (error) {
    throw new RangeError(
      `openMpi: expected to come before other uses of koffi, got one that has loaded a library with ` +
        `async_stack_size ${config.async_stack_size}; MPI needs ${asyncStackSize}`,
      { cause: error },
    );
  }
}

/**
 * Keeps UCX, the transport of many MPICH builds, from hooking into memory allocation, unless the user has said otherwise: with
 * the hooks, runs of three ranks crashed now and then. It reads the environment of C when it is loaded.
 */
function quietenUcx(koffi: typeof Koffi): void {
  if (process.platform !== "linux") return;
  const setEnvironment = koffi.load(null).func("setenv", "int", ["str", "str", "int"]);
  setEnvironment("UCX_MEM_EVENTS", "no", 0);
}

function loadLibrary(koffi: typeof Koffi, library: string | undefined): LibraryHandle {
  const names = library === undefined ? candidates : [library];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new RangeError(
    `openMpi: expected an MPI library of the MPICH ABI (MPICH, Intel MPI, MVAPICH, Cray), got none of ` +
      `${names.join(", ")}; install one, such as Debian's mpich, or name its file in \`library\``,
    { cause: new AggregateError(failures) },
  );
}

/** The C functions, as `mpi.h` of the MPICH ABI declares them. */
function bind(library: LibraryHandle) {
  const declare = (name: string, types: string): MpiFunction =>
    library.func(name, "int", types === "" ? [] : types.split(", "));
  return {
    libraryVersion: declare("MPI_Get_library_version", "void *, int *"),
    initialized: declare("MPI_Initialized", "int *"),
    init: declare("MPI_Init_thread", "void *, void *, int, int *"),
    setErrorHandler: declare("MPI_Comm_set_errhandler", "int, int"),
    errorString: declare("MPI_Error_string", "int, void *, int *"),
    rank: declare("MPI_Comm_rank", "int, int *"),
    size: declare("MPI_Comm_size", "int, int *"),
    allreduce: declare("MPI_Allreduce", "void *, void *, int, int, int, int"),
    startAllreduce: declare("MPI_Iallreduce", "void *, void *, int, int, int, int, int *"),
    test: declare("MPI_Test", "int *, int *, void *"),
    broadcast: declare("MPI_Bcast", "void *, int, int, int, int"),
    finalize: declare("MPI_Finalize", ""),
    abort: declare("MPI_Abort", "int, int"),
  };
}

/** Runs a call on another thread. The callback keeps the arrays alive, also when nobody waits any more. */
function promised(call: MpiFunction, args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, code: number) => {
      if (error) reject(error);
      else resolve(code);
    });
  });
}

function text(bytes: number, fill: (buffer: Uint8Array, length: Int32Array) => unknown): string {
  const buffer = new Uint8Array(bytes);
  const length = new Int32Array(1);
  fill(buffer, length);
  return new TextDecoder().decode(buffer.subarray(0, length[0])).replace(/\0+$/, "").trim();
}

function requireSuccess(code: number, what: string): void {
  if (code !== 0) throw new RangeError(`openMpi: expected ${what} to succeed, got its error code ${code}`);
}
