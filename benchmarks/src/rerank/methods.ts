import { rerankByEgt } from "@lmk/rerank";
import { expansionMethods } from "./expansion-methods.ts";
import { graphMethods } from "./graph-methods.ts";
import { labelMethods, pooledMethods } from "./label-methods.ts";
import { methodOf, type RankingMethod } from "./method.ts";

/** EGT as the code of 2019 has it: one edge at a time. */
const egt2019 = methodOf({
  name: "EGT of 2019",
  calls: "rerankByEgt",
  needs: "graph",
  defaults: { threshold: Infinity, neighborCount: 100, compat: "landmark-2019" as const },
  run: ({ neighbors, graph }, settings) => rerankByEgt(neighbors, graph, settings),
});

/** All that is compared, the first search first. */
export const rankingMethods: readonly RankingMethod[] = [
  ...expansionMethods,
  pooledMethods[0]!,
  ...graphMethods,
  egt2019,
  ...labelMethods,
  ...pooledMethods.slice(1),
];

/** The method of a name. */
export function methodNamed(name: string): RankingMethod {
  const method = rankingMethods.find((other) => other.name === name);
  if (method !== undefined) return method;
  throw new Error(`expected one of ${rankingMethods.map((other) => other.name).join("; ")}, got ${name}`);
}

/** What is not run here, and why. */
export const otherMethods: readonly { readonly name: string; readonly reason: string }[] = [
  {
    name: "rerankByInliers, expandQueriesByInliers, augmentDatabaseByInliers, verifySpatially",
    reason: "need local features",
  },
  { name: "rerankByRegionalDiffusion", reason: "needs several vectors per image" },
  { name: "expandQueriesWithModel, rerankPairwise", reason: "need a trained model" },
  { name: "rerankByLandmarkAndCountry", reason: "needs countries of the training images" },
];

/** The methods of the table of 2019, in its order, with the mAP@100 on its private queries in percent. */
export const table2019: readonly {
  readonly title: string;
  readonly method: string;
  readonly published: number;
}[] = [
  { title: "baseline", method: "first search", published: 30.22 },
  { title: "EGT (t = ∞, k = 100)", method: "EGT of 2019", published: 30.33 },
  { title: "Diffusion (k = 1000)", method: "offline diffusion, by rows", published: 31.2 },
  { title: "αQE (α = 3)", method: "pooled αQE", published: 32.21 },
  { title: "Ours (sum above 0.6)", method: "label sort + insert", published: 36.77 },
  { title: "αQE + Ours", method: "pooled αQE + label sort + insert", published: 37.23 },
];
