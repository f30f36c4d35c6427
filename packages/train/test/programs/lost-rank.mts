// A rank that fails: `lost-rank.mts FOLDER FAILURE OPERATION END [SIGNAL]`. The last rank fails; the others write what
// they see to FOLDER/RANK.jsonl and end as END says.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { openMpi } from "@lmk/train/mpi";

const [folder, failure, operation, end] = process.argv.slice(2) as [string, string, string, string];
const lostRankSignal = process.argv[6] as NodeJS.Signals | undefined;
const ranks = await openMpi({ timeoutSeconds: 2, ...(lostRankSignal && { lostRankSignal }) });
const { rank, size } = ranks;
const write = (event: object): void =>
  appendFileSync(join(folder, `${rank}.jsonl`), `${JSON.stringify(event)}\n`);

const values = new Float32Array(100_000);
await ranks.barrier();
write({ event: "started" });
await ranks.barrier();
const started = performance.now();
try {
  if (rank === size - 1) {
    if (failure === "killed") process.kill(process.pid, "SIGKILL");
    if (failure === "hangs") await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (failure === "exits") process.exit(3);
    if (failure === "throws") throw new RangeError("no such photo");
  }
  if (operation === "meanSync") ranks.meanSync([values]);
  else if (operation === "close") await ranks.close();
  else {
    const first = ranks.mean([values]);
    const second = ranks.max(1).catch((error) => write({ event: "queued", message: error.message }));
    await first.finally(() => second);
  }
} catch (error) {
  const { message, code } = error as Error & { code?: string };
  write({ event: "failed", message, code, seconds: (performance.now() - started) / 1000 });
  await ranks.mean([values]).catch((later) => write({ event: "later", message: later.message }));
  if (end === "throw") throw error;
  if (end === "exit") process.exit(40 + rank);
  ranks.abort(40 + rank);
}
