import type { Config } from "./config.ts";
import { ensembles, type Kind, kindOf, kinds, type MemberName, type Task } from "./ensembles.ts";
import type { LabelScore } from "./image-labels.ts";
import type { Method, RecognitionWay, RetrievalWay } from "./way.ts";

/** The members of a task's ensemble that the system has. */
export function membersOf({ recipes }: Pick<Config, "recipes">, task: Task): readonly MemberName[] {
  const known = new Set(recipes.map(({ member }) => member));
  return ensembles[task].filter((member) => known.has(member));
}

/** The kinds of networks that recognition has. */
export function kindsOf(config: Pick<Config, "recipes">): readonly Kind[] {
  const known = new Set(membersOf(config, "recognition").map(kindOf));
  return kinds.filter((kind) => known.has(kind));
}

/** Names the ranking that was handed in. */
export const submittedRanking = "submitted";

const labelScores: Readonly<Record<LabelScore, string>> = {
  vote_mean: "votes by 3",
  mean3: "mean of the 3 cosines",
  sum3: "sum of the 3 cosines",
};

/**
 * Every ranking that is scored: of the ensemble what was handed in and what it is made of, then single networks.
 *
 * @param options - Whether landmarks of index images are known. They then help to name what others show, and a ranking without
 * them is scored too.
 */
export function retrievalMethods(
  config: Pick<Config, "recipes" | "retrieval">,
  { labelledIndex }: { readonly labelledIndex: boolean },
): readonly Method<RetrievalWay>[] {
  const members = membersOf(config, "retrieval");
  if (members.length === 0) return [];
  const { labelScore } = config.retrieval;
  const labelled = labelledIndex ? "train-and-index" : "train";
  const way = (networks: RetrievalWay["networks"], rerank: RetrievalWay["rerank"]): RetrievalWay => ({
    task: "retrieval",
    networks,
    rerank,
    labelScore,
    labelled,
  });
  const soft = way("ensemble", "soft");
  const others = (Object.keys(labelScores) as LabelScore[]).filter((score) => score !== labelScore);
  return [
    { name: "cosine", title: "cosine alone", way: way("ensemble", "none") },
    { name: "hard", title: "hard re-ranking of 2019", way: way("ensemble", "hard") },
    { name: submittedRanking, title: "soft re-ranking as submitted", way: soft },
    ...(labelledIndex
      ? ([
          {
            name: "soft-train",
            title: "soft re-ranking, labels from train images alone",
            way: { ...soft, labelled: "train" },
          },
        ] as const)
      : []),
    ...others.map((score) => ({
      name: `soft-${score}`,
      title: `soft re-ranking, confidence: ${labelScores[score]}`,
      way: { ...soft, labelScore: score },
    })),
    ...members.flatMap((member) => [
      { name: `${member}-cosine`, title: `${member}: cosine alone`, way: way(member, "none") },
      { name: `${member}-hard`, title: `${member}: hard re-ranking of 2019`, way: way(member, "hard") },
      { name: `${member}-soft`, title: `${member}: soft re-ranking`, way: way(member, "soft") },
    ]),
  ];
}

/** The recognition that was handed in. */
export const submittedRecognition: Method<RecognitionWay> = {
  name: "submitted",
  title: "A − B − C as submitted",
  way: { task: "recognition", networks: "ensemble", terms: "A-B-C", quantiles: false },
};

/**
 * Every recognition that is scored: of the ensemble what was handed in and what it is made of, then kinds and single networks.
 *
 * @param options - Whether images without a landmark are known, without which there is no B and no C.
 */
export function recognitionMethods(
  config: Pick<Config, "recipes">,
  { nonLandmarks }: { readonly nonLandmarks: boolean },
): readonly Method<RecognitionWay>[] {
  const members = membersOf(config, "recognition");
  if (members.length === 0) return [];
  const ensemble = submittedRecognition.way;
  const terms = nonLandmarks ? "A-B-C" : "A";
  const methods: Method<RecognitionWay>[] = [
    { name: "A", title: "A alone", way: { ...ensemble, terms: "A" } },
    { name: "A-B", title: "A − B", way: { ...ensemble, terms: "A-B" } },
    submittedRecognition,
    { name: "quantiles", title: "A − B − C of normal numbers", way: { ...ensemble, quantiles: true } },
    ...kindsOf(config).map((kind) => ({
      name: `${kind}-mean`,
      title: `${kind}: mean of its networks`,
      way: { ...ensemble, networks: kind, terms } as const,
    })),
    ...members.map((member) => ({
      name: member,
      title: `${member}: ${nonLandmarks ? "A − B − C" : "A alone"}`,
      way: { ...ensemble, networks: member, terms } as const,
    })),
  ];
  return methods.filter(({ way }) => nonLandmarks || way.terms === "A");
}

/** What would be handed in: without images without a landmark A alone. */
export function handedIn(methods: readonly Method<RecognitionWay>[]): Method<RecognitionWay> {
  return methods.find(({ name }) => name === submittedRecognition.name) ?? methods[0]!;
}
