import { join } from "node:path";
import { evaluateProtocol } from "@lmk/eval";
import { exactSearch, type Matrix } from "@lmk/index";
import { readNpy } from "@lmk/index/npy";
import { type EmbedRevisitedOptions, embedRevisitedSet } from "./revisited-embeddings.ts";
import {
  type ProtocolName,
  type RevisitedSet,
  type RevisitedSetName,
  readRevisitedSet,
} from "./revisited-set.ts";
import { readJson, runStage, writeJson } from "./run-folder.ts";

/** What is scored, and how. */
export interface EvaluateRevisitedOptions extends EmbedRevisitedOptions {
  readonly name: RevisitedSetName;
  /**
   * Name of the stages.
   *
   * @defaultValue `revisited-NAME`
   */
  readonly stage?: string;
}

/** Scores under one protocol. */
export interface ProtocolScores {
  readonly protocol: ProtocolName;
  /** From 0 to 1, as all of these. */
  readonly meanAveragePrecision: number;
  /** Mean precision at each of the ranks. */
  readonly meanPrecisions: readonly number[];
  /** Queries that have something to find. */
  readonly queries: number;
}

/** What a network scores on a set. */
export interface RevisitedScores {
  readonly set: RevisitedSetName;
  readonly images: number;
  readonly queries: number;
  readonly ranks: readonly number[];
  readonly protocols: readonly ProtocolScores[];
}

const ranks = [1, 5, 10];

/**
 * Scores a network on revisited Oxford or Paris, on the sets with their first labels, or on a generated one.
 *
 * Every query is compared with every image. The embeddings are a stage of parts, which can be shared; the scores are a
 * second stage, `STAGE-scores`, with `scores.json` in it.
 *
 * @returns Undefined in a process that makes only its shard of the embeddings.
 */
export async function evaluateRevisitedSet(
  options: EvaluateRevisitedOptions,
): Promise<RevisitedScores | undefined> {
  const { run, folder, name, stage = `revisited-${name}` } = options;
  const set = await readRevisitedSet(folder, name);
  const embedded = await embedRevisitedSet(set, stage, options);
  if (run.sharing !== undefined) return undefined;
  const scored = await runStage(
    run,
    `${stage}-scores`,
    { settings: { ranks }, after: [embedded] },
    async (to) => {
      const index = await readNpy(join(embedded.folder, "index.npy"));
      const queries = await readNpy(join(embedded.folder, "queries.npy"));
      writeJson(join(to, "scores.json"), scoresOf(set, index, queries));
    },
  );
  return readJson<RevisitedScores>(join(scored.folder, "scores.json"));
}

function scoresOf(set: RevisitedSet, index: Matrix, queries: Matrix): RevisitedScores {
  const { ids } = exactSearch(queries, index, { k: index.rows });
  const rankings = Array.from({ length: queries.rows }, (_, row) =>
    ids.subarray(row * index.rows, (row + 1) * index.rows),
  );
  const protocols = [...set.protocols].map(([protocol, truth]): ProtocolScores => {
    const report = evaluateProtocol(rankings, truth, { ranks });
    const { meanAveragePrecision, meanPrecisions, evaluated } = report;
    return { protocol, meanAveragePrecision, meanPrecisions: [...meanPrecisions], queries: evaluated };
  });
  return { set: set.name, images: index.rows, queries: queries.rows, ranks, protocols };
}
