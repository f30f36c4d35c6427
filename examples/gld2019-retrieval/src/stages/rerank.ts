import { join } from "node:path";
import type { Neighbors } from "@lmk/index";
import { predictLabels, rerankByLabel } from "@lmk/rerank";
import {
  type CompletedStage,
  readJson,
  readNeighbors,
  runStage,
  writeJson,
  writeNeighbors,
} from "@lmk-example/kit";
import type { Config } from "../config.ts";
import { type Context, type PreparedData, usableRows } from "../context.ts";
import { type QueryKind, readIndexVotes, readSearch } from "./search.ts";

/** The rows of the results table, in its order. */
export const methods = ["untrained", "trained", "expanded", "reranked", "both"] as const;

/** A way to rank: a search, with or without query expansion and label re-ranking. */
export type Method = (typeof methods)[number];

/** What methods are called where people read it. */
export function methodTitles({ training }: Config): Readonly<Record<Method, string>> {
  const [untrained, trained] =
    training.stages.length > 0
      ? (["untrained baseline", "trained baseline"] as const)
      : (["random weights", "pretrained baseline"] as const);
  return { untrained, trained, expanded: "+ αQE", reranked: "+ label re-ranking", both: "+ both" };
}

/** The landmark of each query and how sure it is. */
export interface Recognition {
  readonly landmarkIds: readonly number[];
  readonly scores: readonly number[];
}

const searchOf: Readonly<Record<Method, QueryKind>> = {
  untrained: "untrained",
  trained: "trained",
  expanded: "expanded",
  reranked: "trained",
  both: "expanded",
};

/** Ranks index images and recognises landmarks by every method. */
export async function rerank(
  context: Context,
  prepared: PreparedData,
  searched: CompletedStage,
): Promise<CompletedStage> {
  const { config, run } = context;
  const { neighborCount, threshold } = config.labelReranking;
  const settings = { labels: config.labelReranking, depth: config.search.depth };
  return runStage(run, "rerank", { settings, after: [prepared.stage, searched] }, async (folder) => {
    const trainLabels = usableRows(prepared, "train").map((row) => prepared.data.train.landmarkIds[row]!);
    const indexVotes = await readIndexVotes(searched);
    const seconds: Partial<Record<Method, number>> = {};
    for (const method of methods) {
      const found = await readSearch(searched, searchOf[method]);
      const usesLabels = method === "reranked" || method === "both";
      // Without label re-ranking the nearest train image alone names the landmark.
      const voters = usesLabels ? neighborCount : 1;
      const predicted = predictLabels(found.train, trainLabels, { neighborCount: voters });
      const started = performance.now();
      const ranked = usesLabels
        ? rerankByLabel(found.index, predicted, predictLabels(indexVotes, trainLabels, { neighborCount }), {
            depth: config.search.depth,
            threshold: { kind: "sum", above: threshold },
          })
        : found.index;
      seconds[method] = found.seconds + (performance.now() - started) / 1000;
      await writeNeighbors(join(folder, method), ranked);
      const recognition: Recognition = { landmarkIds: [...predicted.labels], scores: [...predicted.scores] };
      writeJson(join(folder, `${method}.recognition.json`), recognition);
    }
    writeJson(join(folder, "seconds.json"), seconds);
  });
}

/** What a method ranked and recognised. Rows and ids count usable rows of test and index. */
export async function readRanking(
  stage: CompletedStage,
  method: Method,
): Promise<{ readonly ranking: Neighbors; readonly recognition: Recognition; readonly seconds: number }> {
  return {
    ranking: (await readNeighbors(join(stage.folder, method)))!,
    recognition: readJson<Recognition>(join(stage.folder, `${method}.recognition.json`))!,
    seconds: readJson<Record<Method, number>>(join(stage.folder, "seconds.json"))![method],
  };
}
