import type { Neighbors } from "@lmk/index";
import { createLocalFeatureExtractor } from "@lmk/models/local-features";
import type { VerifySpatiallyOptions } from "@lmk/rerank/geometry";
import {
  type CompletedStage,
  extractLocalFeatures,
  firstNeighbors,
  type Progress,
  readLists,
  runStage,
  verify,
} from "@lmk-example/kit";
import { checksum } from "../checksum.ts";
import { writeListsFile } from "../lists-file.ts";
import { namedIds, renumbered } from "../neighbor-rows.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import type { Searched } from "../searched.ts";

/** Local features of an image, at most, and its longest side in pixels, as the original's. */
export const extraction = { limit: 1024, maxSide: 800 } as const;

/**
 * How two images are compared: as the original fits its homographies, by matches of SIFT descriptors. The original counts
 * inliers of five matches and more; here fewer than five inliers are none.
 */
export const verification: VerifySpatiallyOptions = {
  transform: "homography",
  matching: { mode: "mutual", maxRatio: 0.8 },
  estimation: { maxError: 4, confidence: 0.99, maxIterations: 1000, minimumInliers: 5 },
};

/** What is matched. */
interface MatchOptions {
  /** The name of the method. */
  readonly name: string;
  /** The stage of its ranking before. */
  readonly ranked: CompletedStage;
}

/** Counts of inliers of the first images of each query. */
export interface LocalMatches {
  readonly stage: CompletedStage;
  /** Ids are places in `searched.images`, scores counts of inliers. */
  readonly read: () => Promise<Neighbors>;
}

/** Matches local features of each query with those of its first results: stages in `match/<name>`. */
export async function matchLocally(
  context: RetrievalContext,
  { prepared, queries, images }: Searched,
  { name, ranked }: MatchOptions,
): Promise<LocalMatches> {
  const first = firstNeighbors(await readLists(ranked), context.config.inference.SPG_RERANK_NUM);
  const candidates = namedIds(first);
  const pairs = await runStage(
    context.run,
    `match/${name}/pairs`,
    { settings: { depth: first.k }, after: [ranked] },
    (folder) => writeListsFile(folder, renumbered(first, candidates)),
  );
  const ofQueries = await features(context, {
    name: `match/${name}/queries`,
    paths: prepared.data.test.paths,
    rows: queries,
    after: [prepared.stage],
  });
  const ofCandidates = await features(context, {
    name: `match/${name}/candidates`,
    paths: prepared.data.index.paths,
    rows: candidates.map((place) => images[place]!),
    after: [prepared.stage, pairs],
  });
  const stage = await verify(context, {
    name: `match/${name}/inliers`,
    queries: ofQueries,
    database: ofCandidates,
    lists: pairs,
    rows: queries.length,
    verification,
  });
  return {
    stage,
    async read() {
      const counted = await readLists(stage);
      return { ...counted, ids: counted.ids.map((place) => (place < 0 ? -1 : candidates[place]!)) };
    },
  };
}

type FeatureOptions = Pick<Parameters<typeof extractLocalFeatures>[2], "paths" | "rows" | "after"> & {
  readonly name: string;
};

async function features(
  { run, progress, notice }: RetrievalContext,
  { name, ...images }: FeatureOptions,
): Promise<CompletedStage> {
  let bar: Progress | undefined;
  const stage = await extractLocalFeatures(run, name, {
    ...images,
    settings: { kind: "sift", ...extraction, rows: checksum([images.rows]) },
    createExtractor: () => createLocalFeatureExtractor({ method: { kind: "sift" }, ...extraction }),
    onFailure: ({ path, message }) => notice(`no features of ${path}: ${message}`),
    onProgress(done) {
      bar ??= progress(name, images.rows.length);
      bar.update(done);
    },
  });
  bar?.stop();
  return stage;
}
