import { join } from "node:path";
import { exactSearchAsync, type Neighbors } from "@lmk/index";
import { expandQueries } from "@lmk/rerank";
import {
  type CompletedStage,
  readEmbeddings,
  readNeighbors,
  runStage,
  writeNeighbors,
} from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";

/** A way to rank the index images. */
export interface Method {
  readonly name: "search" | "expanded";
  readonly title: string;
}

/** The ways, the last of which is handed in. */
export const methods: readonly Method[] = [
  { name: "search", title: "nearest images" },
  { name: "expanded", title: "queries expanded by their neighbors" },
];

/** Ranks the index images for every test image in one way. Rows and ids count usable rows. */
export function rank(
  { run, config, options }: SystemContext,
  { test, index }: { readonly test: CompletedStage; readonly index: CompletedStage },
  { name }: Method,
): Promise<CompletedStage> {
  const { depth, queryExpansion } = config.search;
  const settings = name === "search" ? { depth } : { depth, queryExpansion };
  return runStage(run, `rank/${name}`, { settings, after: [test, index] }, async (folder) => {
    const [queries, database] = await Promise.all([readEmbeddings(test), readEmbeddings(index)]);
    const search = { k: Math.min(depth, database.rows), metric: "dot", threads: options.threads } as const;
    let found = await exactSearchAsync(queries, database, search);
    if (name === "expanded") {
      found = await exactSearchAsync(
        expandQueries(queries, database, found, queryExpansion),
        database,
        search,
      );
    }
    await writeNeighbors(join(folder, "ranking"), found);
  });
}

/** What {@link rank} wrote. */
export async function readRanking({ folder }: CompletedStage): Promise<Neighbors> {
  return (await readNeighbors(join(folder, "ranking")))!;
}
