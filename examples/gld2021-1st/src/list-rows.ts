import { join } from "node:path";
import { openNpy } from "@lmk/index/npy";
import type { Neighbors } from "@lmk/rerank";
import type { CompletedStage } from "@lmk-example/kit";

/** Rows of lists, from `first` to before `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Some of the lists that `readLists` of the kit reads all of: those of all networks together are larger than memory. */
export async function readListRows({ folder }: CompletedStage, range: RowRange): Promise<Neighbors> {
  await using ids = await openNpy(join(folder, "lists.ids.npy"));
  await using scores = await openNpy(join(folder, "lists.scores.npy"));
  const [read, own] = [await ids.read(range), await scores.read(range)];
  return {
    ids: Int32Array.from(read.data),
    scores: Float32Array.from(own.data, (score, i) => (read.data[i]! < 0 ? Number.NEGATIVE_INFINITY : score)),
    rows: read.rows,
    k: read.columns,
  };
}
