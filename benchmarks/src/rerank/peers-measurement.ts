import type { Neighbors } from "@lmk/index";
import { interleave } from "../measure/interleave.ts";
import type { Peer } from "../measure/peer.ts";
import { type PythonProcess, readIds } from "../measure/python-process.ts";
import type { PeerTask } from "./peer-tasks.ts";
import type { PeerRow } from "./peers-tables.ts";

/** Runs both sides of each task in turns, and compares what they rank first. */
export async function measurePeers(
  tasks: readonly PeerTask[],
  process: PythonProcess,
  { depth, ...rounds }: { readonly steps: number; readonly warmup: number; readonly depth: number },
  tell: (text: string) => void,
): Promise<PeerRow[]> {
  const rows: PeerRow[] = [];
  for (const task of tasks) {
    tell(task.name);
    const sides: Peer[] = [
      {
        name: "ours",
        run: async () => {
          const { milliseconds, ranking } = await task.run();
          return { milliseconds, values: firstOf(ranking, depth) };
        },
        close: async () => undefined,
      },
    ];
    let peak: number | null = null;
    if (task.request !== null) {
      const { request } = task;
      sides.push({
        name: "theirs",
        run: async () => {
          const answer = await process.ask<{ milliseconds: number; file: string; peak: number }>(request);
          peak = answer.peak;
          return { milliseconds: answer.milliseconds, values: readIds(answer.file) };
        },
        close: async () => undefined,
      });
    }
    const { ours, theirs } = await interleave(sides, undefined, rounds);
    rows.push({
      name: task.name,
      covers: task.covers,
      peer: task.peer,
      unit: task.unit,
      limit: task.limit,
      ours: ours!.median / task.count,
      theirs: theirs === undefined ? null : theirs.median / task.count,
      theirPeak: peak,
      agreement: theirs === undefined ? null : agreementOf(ours!.last, theirs.last, depth),
    });
  }
  return rows;
}

/** The first rows of each list. */
function firstOf({ ids, rows, k }: Neighbors, depth: number): Int32Array {
  const first = new Int32Array(rows * depth).fill(-1);
  for (let row = 0; row < rows; row++)
    first.set(ids.subarray(row * k, row * k + Math.min(k, depth)), row * depth);
  return first;
}

/** The share of rows that both sides have among their first `depth`; nothing where nothing is ranked. */
function agreementOf(ours: ArrayLike<number>, theirs: ArrayLike<number>, depth: number): number | null {
  if (ours.length === 0 || ours.length !== theirs.length) return null;
  let common = 0;
  let all = 0;
  for (let start = 0; start < ours.length; start += depth) {
    const found = new Set(
      Array.from({ length: depth }, (_, i) => theirs[start + i]!).filter((id) => id >= 0),
    );
    for (let i = 0; i < depth; i++) if (found.has(ours[start + i]!)) common += 1;
    all += found.size;
  }
  return common / all;
}
