import { existsSync } from "node:fs";
import { join } from "node:path";
import { openGldv2, type Split } from "@lmk/data";
import { normalizeRows } from "@lmk/index";
import { readNpy } from "@lmk/index/npy";
import type { RetrievalSet } from "./retrieval-set.ts";

/**
 * The problem of an example's run folder: its test images searched for in its index images, with its train images as
 * labelled rows.
 *
 * @param network - Whose embeddings: a folder of `predict`.
 */
export async function readRunSet(name: string, folder: string, network: string): Promise<RetrievalSet> {
  const data = await openGldv2(join(folder, "data"));
  const { retrieval } = data;
  if (retrieval === undefined)
    throw new Error(`expected ${folder}/data to have retrieval_solution_v2.1.csv, got none`);
  const [queries, database, train] = await Promise.all(
    (["test", "index", "train"] as const).map(async (split) => {
      const vectors = normalizeRows(await readNpy(join(folder, "predict", network, split, "embeddings.npy")));
      const rows = await usableRows(folder, split, data[split].ids.length);
      if (rows.length === vectors.rows) return { vectors, rows };
      throw new Error(
        `expected the embeddings of ${split} in ${folder} to have ${rows.length} rows, got ${vectors.rows}`,
      );
    }),
  );
  const placeOf = new Int32Array(data.index.ids.length);
  // Images that cannot be read are right all the same, but cannot be found.
  for (let row = 0; row < placeOf.length; row++) placeOf[row] = database!.vectors.rows + row;
  for (const [place, row] of database!.rows.entries()) placeOf[row] = place;
  const answerOf = new Map(Array.from(retrieval.queries, (row, i) => [row, i]));
  const answers = Array.from(queries!.rows, (row) => answerOf.get(row));
  const problem = {
    queries: queries!.vectors,
    database: database!.vectors,
    relevant: answers.map((i) =>
      i === undefined ? new Int32Array(0) : retrieval.relevant[i]!.map((row) => placeOf[row]!),
    ),
    groups: answers.map((i) => (i === undefined ? "Ignored" : retrieval.usages[i]!)),
    train: { vectors: train!.vectors, labels: train!.rows.map((row) => data.train.landmarkIds[row]!) },
    own: undefined,
  };
  const description = `Test images searched for among the index images, ${train!.rows.length} labelled train images apart; ${network} network.`;
  return { name, description, problems: [problem] };
}

/** The rows whose image could be read: those with a width where the run has noted sizes, else all. */
async function usableRows(folder: string, split: Split, count: number): Promise<Int32Array> {
  const all = Int32Array.from({ length: count }, (_, row) => row);
  const file = join(folder, "prepare", `sizes-${split}.npy`);
  if (!existsSync(file)) return all;
  const sizes = await readNpy(file);
  return all.filter((row) => sizes.data[row * sizes.columns]! > 0);
}
