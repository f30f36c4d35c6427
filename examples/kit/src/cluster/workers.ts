import { openProcessGroup, type ProcessGroupOptions } from "./process-group.ts";

/** What {@link runWorkers} runs. */
export interface WorkersOptions extends ProcessGroupOptions {
  /** Number of processes. */
  readonly count: number;
  /** Program and arguments; each process gets `--shard i/count` after them. */
  readonly command: readonly string[];
}

/**
 * Runs one program in several processes of this machine, each with its shard, and waits for all.
 *
 * Ctrl-C and SIGTERM are passed on. When a process fails the others are stopped; what they finished stays, so the same
 * command goes on from there. Joining the parts is left to the caller.
 *
 * @throws {UserError} naming the process that failed first and the last line it wrote on standard error.
 * @throws {InterruptedError} when all ended after a signal to this process.
 */
export async function runWorkers({ count, command, ...options }: WorkersOptions): Promise<void> {
  const group = openProcessGroup(options);
  await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const name = `${index}/${count}`;
      return group.run(name, [...command, "--shard", name]);
    }),
  );
  group.close();
}
