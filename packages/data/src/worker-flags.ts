/**
 * The flags of Node for a thread that runs a file: `undefined` for those of the process. With `--input-type`, which Node takes
 * for a program in a string alone, there are none: others of the process may not be for threads.
 */
export function workerFlags(): string[] | undefined {
  return process.execArgv.some((flag) => flag.startsWith("--input-type")) ? [] : undefined;
}
