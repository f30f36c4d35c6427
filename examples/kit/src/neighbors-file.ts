import { existsSync } from "node:fs";
import type { Neighbors } from "@lmk/index";
import { readNpy, writeNpy } from "@lmk/index/npy";
import { joinNpyFiles } from "./join-npy.ts";

/** Rows that float32 counts without gaps. */
const largestId = 2 ** 24;

/** Writes neighbors as two `.npy` files, ids and scores. Ids are kept as float32, which holds them exactly up to 2²⁴. */
export async function writeNeighbors(path: string, { ids, scores, rows, k }: Neighbors): Promise<void> {
  const tooLarge = ids.find((id) => id > largestId);
  if (tooLarge !== undefined) {
    throw new RangeError(`writeNeighbors: expected \`ids\` to be at most ${largestId}, got ${tooLarge}`);
  }
  await writeNpy(`${path}.ids.npy`, { data: Float32Array.from(ids), rows, columns: k });
  await writeNpy(`${path}.scores.npy`, { data: finite(scores), rows, columns: k });
}

/** Reads what {@link writeNeighbors} wrote; `undefined` if it is not there. */
export async function readNeighbors(path: string): Promise<Neighbors | undefined> {
  if (!existsSync(`${path}.scores.npy`)) return undefined;
  const ids = await readNpy(`${path}.ids.npy`);
  const scores = await readNpy(`${path}.scores.npy`);
  return {
    ids: Int32Array.from(ids.data),
    scores: scores.data.map((score, i) => (ids.data[i]! < 0 ? Number.NEGATIVE_INFINITY : score)),
    rows: ids.rows,
    k: ids.columns,
  };
}

/** Joins the neighbors of consecutive rows, file after file: never all of them are in memory. */
export async function joinNeighborsFiles(path: string, parts: readonly string[]): Promise<void> {
  for (const ending of [".ids.npy", ".scores.npy"]) {
    await joinNpyFiles(
      `${path}${ending}`,
      parts.map((part) => `${part}${ending}`),
    );
  }
}

/** Padding is −1 in the ids; its score is kept as 0, so that the file holds numbers only. */
function finite(scores: Float32Array): Float32Array {
  return scores.map((score) => (score === Number.NEGATIVE_INFINITY ? 0 : score));
}
