import type { Neighbors } from "@lmk/index";
import {
  fuseRankings,
  type LandmarkEvidence,
  predictLabels,
  rerankByKReciprocal,
  rerankByLabel,
  rerankByLandmarkAndCountry,
} from "@lmk/rerank";
import { firstNeighbors } from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import { evidenceOf } from "./evidence.ts";
import { weightOf } from "./member-rows.ts";
import { scaled, scoredByRank } from "./neighbor-rows.ts";
import { rankInBlocks } from "./query-blocks.ts";
import type { RankInputs } from "./rank-inputs.ts";
import { isMergedBefore, membersOf } from "./search-lists.ts";
import type { CategoryWay, Networks, TagsWay, Way } from "./way.ts";

/** Images of a list that is handed in. */
export const submittedDepth = 100;

/** Queries whose lists are ranked again at once, by every network. */
const queriesAtOnce = 256;

/** Ranks index images for each query in one way, without what local features add to it. */
export function rank(way: Way, inputs: RankInputs): Neighbors {
  const { networks, settings } = inputs;
  const members = membersOf(way, networks);
  const weights = members.map((member) => weightOf(settings, member));
  if (!isMergedBefore(way)) {
    const { rows } = inputs.list(`${members[0]!}/index`);
    return rankInBlocks(inputs, rows, queriesAtOnce, (some) => {
      const lists = members.map((member) => rankByCategory(way.category!, member, some));
      return fuseRankings(lists, { weights, k: submittedDepth });
    });
  }
  const merged = mergedLists(way, members.length > 1 ? "ensemble" : members[0]!, weights, inputs);
  if (way.category === undefined) return firstNeighbors(merged, submittedDepth);
  const evidence = members.map((member) => evidenceBy(way.category as TagsWay, member, inputs));
  return rerankByTags(merged, evidence, way.category as TagsWay, submittedDepth);
}

/** The sum of the networks' similarities: their mean by weights, as it was searched by, times the sum of these. */
function mergedLists(
  { similarity }: Way,
  networks: Networks,
  weights: readonly number[],
  { settings, list, pool }: RankInputs,
): Neighbors {
  const found = list(`${networks}/index`);
  if (similarity === "cosine")
    return scaled(
      found,
      weights.reduce((sum, weight) => sum + weight, 0),
    );
  return rerankByKReciprocal(found, list(`${networks}/pool`), {
    distance: { kind: "half-cosine" },
    k1: settings.K1,
    k2: settings.K2,
    lambda: settings.LAMBDA,
    ...(pool === undefined ? {} : { embeddings: pool }),
  });
}

/** The lists of one network, ranked again by labelled images. */
function rankByCategory(category: CategoryWay, network: NetworkName, inputs: RankInputs): Neighbors {
  const { references, settings, list } = inputs;
  const found = list(`${network}/index`);
  switch (category.kind) {
    case "tags":
      return rerankByTags(found, [evidenceBy(category, network, inputs)], category, found.k);
    case "label-first": {
      const { classes } = references;
      const options = { neighborCount: settings.VOTE_NUM };
      const ofQueries = predictLabels(list(`${network}/query-${category.references}`), classes, options);
      const ofIndex = predictLabels(list(`${network}/index-${category.references}`), classes, {
        neighborCount: 1,
      });
      return scoredByRank(rerankByLabel(found, ofQueries, ofIndex, { depth: found.k, insert: false }));
    }
    case "voted-references":
      return inputs.voted!.get(network)!;
  }
}

function evidenceBy(
  { references: set, votes }: TagsWay,
  network: NetworkName,
  { references, settings, list }: RankInputs,
): LandmarkEvidence {
  return evidenceOf({
    ofQueries: list(`${network}/${votes === "cosine" ? "query" : "votes"}-${set}`),
    ofIndex: list(`${network}/index-${set}`),
    references,
    voteCount: settings.VOTE_NUM,
  });
}

function rerankByTags(
  lists: Neighbors,
  evidence: readonly LandmarkEvidence[],
  { landmarkWeight, countryWeight }: TagsWay,
  k: number,
): Neighbors {
  return rerankByLandmarkAndCountry(lists, evidence, { landmarkWeight, countryWeight, k });
}
