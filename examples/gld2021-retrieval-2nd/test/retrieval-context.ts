import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Matrix } from "@lmk/index";
import { type CompletedStage, openRunFolder, type PreparedData, writeRows } from "@lmk-example/kit";
import { chains, type NetworkName } from "../src/chains.ts";
import type { SearchedSystem } from "../src/member-rows.ts";
import { presets } from "../src/presets.ts";
import type { RetrievalConfig, RetrievalContext } from "../src/retrieval-context.ts";
import type { References } from "../src/searched.ts";
import type { Part } from "../src/system.ts";

/** Embeddings of one network. */
export type GivenRows = Readonly<Record<Part, Matrix>>;

/** A context in a folder, with the settings that were handed in and some in place of these. */
export function contextIn(folder: string, changes: Partial<RetrievalConfig> = {}): RetrievalContext {
  return {
    run: openRunFolder(join(folder, "run")),
    config: { ...presets.paper, ...changes },
    options: { preset: "paper", provider: "cpu", threads: 1, skipCorrupt: false },
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: () => {},
  };
}

/** The chains of some networks. */
export function chainsOf(networks: readonly NetworkName[]): RetrievalConfig["chains"] {
  return networks.map((network) => chains[network]);
}

/** A stage that is done. */
export function stageIn(folder: string, name: string): CompletedStage {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return { folder: path, key: name, seconds: 0 };
}

/** A system of given embeddings, without images. */
export async function systemOf(
  folder: string,
  rows: ReadonlyMap<NetworkName, GivenRows>,
  references: Pick<References, "classes" | "countries" | "trainCount">,
): Promise<SearchedSystem> {
  const embeddings = new Map<NetworkName, Readonly<Record<Part, CompletedStage>>>();
  for (const [network, parts] of rows) {
    const write = async (part: Part): Promise<CompletedStage> => {
      const stage = stageIn(folder, `${network}-${part}`);
      await writeRows(stage.folder, parts[part]);
      return stage;
    };
    embeddings.set(network, {
      queries: await write("queries"),
      index: await write("index"),
      references: await write("references"),
    });
  }
  const [first] = rows.values();
  const count = (length: number): Int32Array => Int32Array.from({ length }, (_, row) => row);
  return {
    searched: {
      prepared: { stage: stageIn(folder, "prepare") } as PreparedData,
      queries: count(first!.queries.rows),
      images: count(first!.index.rows),
      references: {
        name: "index_train",
        stage: stageIn(folder, "prepare"),
        paths: { length: references.classes.length, at: (row) => `reference ${row}` },
        rows: count(references.classes.length),
        ...references,
      },
    },
    embeddings,
  };
}

/** A matrix of rows. */
export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]!.length };
}
