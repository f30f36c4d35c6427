import type { Augmentation, Config, RecognitionConfig } from "./config.ts";

/** The system with some of its settings changed. */
export interface Method {
  /** Names its files. */
  readonly name: string;
  readonly title: string;
  readonly recognition: RecognitionConfig;
  /** Row of the published results that it belongs to. */
  readonly published?: PublishedSystem;
}

/** The authors' published steps, by the names that the table of the kit gives them. */
export type PublishedSystem =
  | "one network, soft voting"
  | "ensemble of six"
  | "ensemble of six, without frequent landmarks";

interface MethodChange {
  readonly name: string;
  readonly title: string;
  readonly changes: Partial<RecognitionConfig>;
  readonly published?: PublishedSystem;
}

/** The system as it was submitted, or as much of it as one network without local features can do. */
export function submittedMethod({ recognition }: Pick<Config, "recognition">): Method {
  const name = "submitted";
  if (recognition.embeddings === "single") return { name, title: "one network, votes and ban", recognition };
  const published = "ensemble of six, without frequent landmarks";
  return { name, title: "as submitted", recognition, published };
}

/** The system as it was submitted, then with one part changed at a time. What a preset has no data for is left out. */
export function methodsOf(config: Config): readonly Method[] {
  const changed = tableOf(config).map(
    ({ changes, ...method }): Method => ({ ...method, recognition: { ...config.recognition, ...changes } }),
  );
  const possible = changed.filter(({ recognition }) => isPossible(recognition, config));
  // Without the ensemble or without inliers several changes come to the same.
  const methods = new Map<string, Method>();
  for (const method of [submittedMethod(config), ...possible]) {
    const settings = JSON.stringify(method.recognition);
    if (!methods.has(settings)) methods.set(settings, method);
  }
  return [...methods.values()];
}

/** Inliers need local features, the ensemble needs several networks. */
function isPossible({ embeddings, inlierCap }: RecognitionConfig, { recognition }: Config): boolean {
  return (
    (embeddings === "single" || recognition.embeddings === "ensemble") &&
    (inlierCap === 0 || recognition.inlierCap > 0)
  );
}

/** Every change, in the order of the page. */
function tableOf({ recognition, ablations }: Config): readonly MethodChange[] {
  const { earlierMostPredictions, rankNeighborCounts, reciprocalFactor } = ablations;
  const alone = { inlierCap: 0, mostPredictions: 0 } as const;
  const byRank = rankNeighborCounts.map(
    (neighborCount): MethodChange => ({
      name: `rank-votes-${neighborCount}`,
      title: `votes exp(−√rank) of ${neighborCount}, no inliers`,
      // Of the time before there were inliers.
      changes: { weight: "rank", neighborCount, inlierCap: 0 },
    }),
  );
  return [
    {
      name: "single-soft-voting",
      title: "one network, soft voting",
      changes: { embeddings: "single", ...alone },
      published: "one network, soft voting",
    },
    {
      name: "single",
      title: "one network, with inliers and ban",
      changes: { embeddings: "single" },
    },
    // Whether the published row has the inliers is not said; they are in all code of the time.
    { name: "no-ban", title: "no ban", changes: { mostPredictions: 0 }, published: "ensemble of six" },
    { name: "soft-voting", title: "no inliers, no ban", changes: alone },
    { name: "no-inliers", title: "no inliers", changes: { inlierCap: 0 } },
    {
      name: "earlier-ban",
      title: `ban above ${earlierMostPredictions} instead of ${recognition.mostPredictions}`,
      changes: { mostPredictions: earlierMostPredictions },
    },
    {
      name: "ban-neighbors",
      title: "ban of what looks like banned ones",
      changes: { banNeighbors: true },
    },
    { name: "cosine", title: "votes weigh the cosine", changes: { weight: "cosine" } },
    ...[1, 5].map((neighborCount) => ({
      name: `top-${neighborCount}`,
      title: neighborCount === 1 ? "1 neighbor" : `${neighborCount} neighbors`,
      changes: { neighborCount },
    })),
    ...byRank,
    {
      name: "class-frequency",
      title: "votes divided by class frequency",
      changes: { weight: "below-farthest", divideByFrequency: true },
    },
    {
      name: "reciprocal",
      title: `votes of reciprocal neighbors × ${reciprocalFactor}`,
      changes: { reciprocalFactor },
    },
    ...augmentations(ablations.augmentation).map(([augmentation, weights]) => ({
      name: `dba-${augmentation}`,
      title: `supervised DBA, ${weights}`,
      changes: { augmentation },
    })),
  ];
}

function augmentations({
  alpha,
  saturation,
}: Config["ablations"]["augmentation"]): readonly (readonly [Augmentation, string])[] {
  return [
    ["power", `weights s^${alpha}`],
    ["saturated", `weights (s / ${saturation})^${alpha}, 1 from ${saturation} on`],
    ["log-spaced", "weights by rank"],
  ];
}
