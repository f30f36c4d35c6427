import { writeSync } from "node:fs";
import { inspect } from "node:util";
import type { Communicator } from "../communicator.ts";
import { TrainingError } from "../training-error.ts";
import { factsOf, type Operation, requireAgreement } from "./agreement.ts";
import { blocksOf } from "./blocks.ts";
import type { Elements, MpiLibrary } from "./mpi-library.ts";

/** The ranks of an MPI job. After a `rank-lost` error only {@link MpiCommunicator.abort} is of use. */
export interface MpiCommunicator extends Communicator {
  /** What the MPI library says of itself, for logs. */
  readonly library: string;
  /** The arrays of all ranks, in the order of the ranks; their lengths may differ. */
  readonly allGather: (values: Float32Array) => Promise<Float32Array[]>;
  /** Waits until every rank has come here. */
  readonly barrier: () => Promise<void>;
  /**
   * Ends the processes of all ranks at once, this one included; nothing after it runs.
   *
   * A process that ends without `close`, by `process.exit` or by an error that nobody catches, does the same.
   *
   * @param code - Exit code of the job, from 1 to 255.
   */
  readonly abort: (code: number) => never;
}

/** MPI counts in C's `int`. */
const largestCount = 2 ** 31 - 1;

/** How long the launcher has for ending this process after an abort. */
const abortMilliseconds = 2000;

/** The operations of a library that has joined the ranks. They run one at a time, in the order of the calls. */
export function createMpiCommunicator(
  mpi: MpiLibrary,
  timeoutSeconds: number,
  lostRankSignal: NodeJS.Signals | undefined,
): MpiCommunicator {
  const { rank, size } = mpi;
  let lost: TrainingError | undefined;
  let giveUp = (_error: TrainingError): void => {};
  let tail: Promise<unknown> = Promise.resolve();
  let underWay = 0;
  let closing: Promise<void> | undefined;
  let closed = false;
  let milliseconds = 0;

  const lose = (reason: string): TrainingError => {
    lost ??= new TrainingError("rank-lost", reason);
    giveUp(lost);
    return lost;
  };
  const notDone = (operation: Operation): TrainingError =>
    lose(
      `${operation}: expected all ${size} ranks to finish within ${timeoutSeconds} seconds, got no answer on rank ` +
        `${rank}; another rank has died, has failed or hangs`,
    );
  const requireDone = (operation: Operation, code: number): void => {
    if (code !== 0)
      throw lose(`${operation}: expected MPI to succeed on rank ${rank}, got ${mpi.describe(code)}`);
  };
  const requireUsable = (operation: Operation): void => {
    if (lost) throw brokenBefore(operation, lost);
    if (closing) throw new RangeError(`${operation}: expected an open communicator, got a closed one`);
  };

  /** Waits for a call of the library until the time is over or a rank is known to be lost. */
  const finish = async (operation: Operation, call: () => Promise<number>): Promise<void> => {
    if (lost) throw brokenBefore(operation, lost);
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
      timer = setTimeout(() => reject(notDone(operation)), timeoutSeconds * 1000);
    });
    try {
      requireDone(operation, await Promise.race([call(), givenUp]));
    } finally {
      clearTimeout(timer);
    }
  };

  /** Does the work when all operations before it are done and all ranks have come to it. */
  const together = <T>(
    operation: Operation,
    arrays: readonly Float32Array[],
    work: () => Promise<T>,
  ): Promise<T> => {
    underWay += 1;
    const done = tail.then(async () => {
      const started = performance.now();
      try {
        const facts = factsOf(operation, arrays);
        await finish(operation, () => mpi.reduce(facts));
        requireAgreement(operation, arrays, rank, facts);
        return await work();
      } finally {
        milliseconds += performance.now() - started;
        underWay -= 1;
      }
    });
    tail = done.catch(() => {});
    return done;
  };

  const divide = (values: Float32Array): void => {
    for (let i = 0; i < values.length; i++) values[i]! /= size;
  };

  const end = (code: number): never => {
    mpi.abort(code);
    // The launcher ends this process now. If there is none: a signal, since an exit waits for threads inside MPI.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, abortMilliseconds);
    process.kill(process.pid, "SIGKILL");
    throw new TrainingError("rank-lost", "abort: expected this process to end, got a signal without effect");
  };
  let uncaught: Error | undefined;
  const onUncaught = (error: Error): void => {
    uncaught = error;
  };
  const onExit = (code: number): void => {
    if (size === 1) return;
    // Node prints an error that nobody caught after this, which the end of all ranks would forestall.
    if (uncaught) writeSync(process.stderr.fd, `${inspect(uncaught)}\n`);
    end(code === 0 ? 1 : code);
  };
  const onSignal = (): void => {
    const reason = `expected ${size} ranks, got ${lostRankSignal}, by which the launcher says that one is lost`;
    lose(`openMpi: ${reason}`);
  };
  process.on("uncaughtExceptionMonitor", onUncaught);
  process.on("exit", onExit);
  if (lostRankSignal) process.on(lostRankSignal, onSignal);

  const communicator: MpiCommunicator = {
    rank,
    size,
    library: mpi.name,
    async mean(arrays) {
      requireUsable("mean");
      await together("mean", arrays, async () => {
        const { blocks, writeBack } = blocksOf(arrays, largestCount);
        for (const block of blocks) {
          await finish("mean", () => mpi.reduce(block));
          divide(block);
        }
        writeBack();
      });
    },
    meanSync(arrays) {
      requireUsable("meanSync");
      if (underWay > 0)
        throw new RangeError(
          `meanSync: expected no other operation to be under way, got ${underWay}; await them first`,
        );
      const started = performance.now();
      const reduce = (values: Elements): void => {
        const code = mpi.reduceSync(values, timeoutSeconds * 1000);
        if (code === undefined) throw notDone("meanSync");
        requireDone("meanSync", code);
      };
      const facts = factsOf("meanSync", arrays);
      reduce(facts);
      requireAgreement("meanSync", arrays, rank, facts);
      const { blocks, writeBack } = blocksOf(arrays, largestCount);
      for (const block of blocks) {
        reduce(block);
        divide(block);
      }
      writeBack();
      milliseconds += performance.now() - started;
    },
    async broadcast(arrays) {
      requireUsable("broadcast");
      await together("broadcast", arrays, async () => {
        const { blocks, writeBack } = blocksOf(arrays, largestCount);
        for (const block of blocks) await finish("broadcast", () => mpi.broadcast(block, 0));
        writeBack();
      });
    },
    async max(value) {
      requireUsable("max");
      return together("max", [], async () => {
        // MPI leaves open what the largest of NaN and a number is.
        const values = Number.isNaN(value) ? Float64Array.of(1, -Infinity) : Float64Array.of(0, value);
        await finish("max", () => mpi.reduce(values));
        return values[0] === 1 ? Number.NaN : values[1]!;
      });
    },
    async allGather(values) {
      requireUsable("allGather");
      return together("allGather", [], async () => {
        const lengths = new Float64Array(size);
        lengths[rank] = values.length;
        await finish("allGather", () => mpi.reduce(lengths));
        const gathered = Array.from(lengths, (length) => new Float32Array(length));
        gathered[rank]!.set(values);
        for (const [root, array] of gathered.entries()) {
          for (const block of blocksOf([array], largestCount).blocks)
            await finish("allGather", () => mpi.broadcast(block, root));
        }
        return gathered;
      });
    },
    async barrier() {
      requireUsable("barrier");
      await together("barrier", [], async () => {});
    },
    seconds: () => milliseconds / 1000,
    async close() {
      if (closing) return closing;
      requireUsable("close");
      closing = together("close", [], async () => {
        requireDone("close", mpi.finalize());
        closed = true;
        process.off("uncaughtExceptionMonitor", onUncaught);
        process.off("exit", onExit);
        if (lostRankSignal) process.off(lostRankSignal, onSignal);
      });
      return closing;
    },
    abort(code) {
      if (!Number.isInteger(code) || code < 1 || code > 255)
        throw new RangeError(`abort: expected \`code\` to be a whole number from 1 to 255, got ${code}`);
      if (closed) throw new RangeError("abort: expected an open communicator, got a closed one");
      return end(code);
    },
  };
  return communicator;
}

function brokenBefore(operation: Operation, lost: TrainingError): TrainingError {
  return new TrainingError(
    "rank-lost",
    `${operation}: expected every rank to be there, got a rank lost before: ${lost.message}`,
    { cause: lost },
  );
}
