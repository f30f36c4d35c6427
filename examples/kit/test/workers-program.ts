import { runWorkers } from "../src/cluster/workers.ts";
import { InterruptedError } from "../src/user-error.ts";

/** Runs the command that is given in two processes. */
try {
  await runWorkers({ count: 2, command: process.argv.slice(2), env: process.env, onLine: () => {} });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof InterruptedError ? error.exitCode : 1;
}
