// Every operation of a communicator, on each rank: `values.mts FOLDER` writes what came out to FOLDER/RANK.json.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openMpi, rankFromEnvironment } from "@lmk/train/mpi";

const folder = process.argv[2]!;
const launched = rankFromEnvironment(process.env);
const ranks = await openMpi({ timeoutSeconds: 20 });
const { rank, size, library } = ranks;

/** Values that differ by rank and whose float32 sums depend on their order. */
function wild(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + rank * 78.233) * 10 ** (i % 7));
}

function bits(arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(array);
  return hash.digest("hex");
}

async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return String(error);
  }
  return "none";
}

const one = Float32Array.of(rank, 10 * rank, -1);
await ranks.mean([one]);

const several = [new Float32Array(0), Float32Array.of(rank), wild(70_001), Float32Array.of(1, rank, 2)];
await ranks.mean(several);
const view = new Float32Array(6).fill(100 * (rank + 1));
await ranks.mean([view.subarray(2, 4)]);

const odd = [1, 7, 1023, 65_537, 300_007].map(wild);
await ranks.mean(odd);
const sync = [Float32Array.of(rank, 4), wild(90_001), wild(5)];
const same = sync.map((array) => array.slice());
ranks.meanSync(sync);
await ranks.mean(same);

const queued = [Float32Array.of(rank), Float32Array.of(2 * rank)];
const order: string[] = [];
await Promise.all([
  ranks.mean([queued[0]!]).then(() => order.push("mean")),
  ranks.max(rank).then(() => order.push("max")),
  ranks.mean([queued[1]!]).then(() => order.push("mean")),
]);

const shared = [Float32Array.of(rank, rank), new Float32Array(80_000).fill(rank + 5)];
await ranks.broadcast(shared);

const large = new Float32Array(size === 2 ? 25_000_000 : 1).fill(rank + 1);
await ranks.mean([large]);
let ticks = 0;
const timer = setInterval(() => {
  ticks += 1;
}, 1);
const before = ranks.seconds();
await ranks.mean([large]);
const largeSeconds = ranks.seconds() - before;
clearInterval(timer);

const busy = ranks.barrier();
const underWay = await messageOf(() => ranks.meanSync([one]));
await busy;

const result = {
  launched,
  rank,
  size,
  library,
  one: Array.from(one),
  small: Array.from(several[3]!),
  view: Array.from(view),
  bits: bits([...several, ...odd, ...sync]),
  sync: Array.from(sync[0]!),
  syncError: Math.max(...sync.flatMap((array, i) => Array.from(array, (x, j) => Math.abs(x - same[i]![j]!)))),
  queued: queued.map((array) => array[0]),
  order,
  shared: shared.map((array) => [array[0], array.at(-1)]),
  max: [await ranks.max(-rank), await ranks.max(rank + 0.1), `${await ranks.max(Number.POSITIVE_INFINITY)}`],
  maxWithNan: Number.isNaN(await ranks.max(rank === 0 ? Number.NaN : 1)),
  gathered: (await ranks.allGather(new Float32Array(rank).fill(rank))).map((array) => Array.from(array)),
  gatheredLarge: (await ranks.allGather(new Float32Array(70_000).fill(rank))).map((array) => array.at(-1)),
  ticks,
  largeSeconds,
  underWay,
  otherLengths: await messageOf(() => ranks.mean([new Float32Array(rank === 0 ? 3 : 4)])),
  otherOrder: await messageOf(() => ranks.mean([1, 2].map((n) => new Float32Array(rank === 0 ? n : 3 - n)))),
  otherOperation: await messageOf(() => (rank === 0 ? ranks.mean([one]) : ranks.barrier())),
  badCode: await messageOf(() => ranks.abort(0)),
};
await Promise.all([ranks.close(), ranks.close()]);
await ranks.close();
const closed = {
  mean: await messageOf(() => ranks.mean([one])),
  meanSync: await messageOf(() => ranks.meanSync([one])),
  abort: await messageOf(() => ranks.abort(1)),
  open: await messageOf(() => openMpi()),
};
writeFileSync(join(folder, `${rank}.json`), JSON.stringify({ ...result, closed }));
