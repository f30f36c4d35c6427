import {
  publishedBeforeReranking,
  publishedReranking,
  publishedRerankingSteps,
  publishedStandings,
} from "@lmk-example/gld2019-kit";

/** A way to rank. */
export interface Method {
  readonly name: string;
  /** What it is called where people read it. */
  readonly title: string;
  /** Whose embeddings: of a job, or of all members together. */
  readonly of: string;
  /** What is searched with: embeddings as they are, expanded by αQE, or all changed as in the contest. */
  readonly queries: "plain" | "alpha-qe" | "contest";
  /** How what is found is ranked. */
  readonly ranking: "search" | "diffusion" | "egt" | "sort" | "sort+insert";
  /** The authors' mAP@100 in percent. */
  readonly published?: { readonly private: number; readonly public?: number };
}

/** The embeddings of all members together, in place of a job's name. */
export const ensembleName = "ensemble";

const network = { of: "v2clean", queries: "plain", ranking: "search" } as const;
const ensemble = { of: ensembleName, queries: "plain", ranking: "search" } as const;

/** The authors' comparison of re-rankers, which is of one network, and the ensemble of their submissions. */
export const publishedMethods: readonly Method[] = [
  { ...network, name: "network", title: "v2clean", published: reranker("none") },
  {
    ...network,
    name: "diffusion",
    title: "v2clean + diffusion",
    ranking: "diffusion",
    published: reranker("diffusion"),
  },
  { ...network, name: "egt", title: "v2clean + EGT", ranking: "egt", published: reranker("egt") },
  {
    ...network,
    name: "alpha-qe",
    title: "v2clean + αQE",
    queries: "alpha-qe",
    published: reranker("alpha-qe"),
  },
  {
    ...network,
    name: "sort",
    title: "v2clean + sort",
    ranking: "sort",
    published: publishedRerankingSteps.find(({ steps }) => steps === "sort")!,
  },
  {
    ...network,
    name: "labels",
    title: "v2clean + sort + insert",
    ranking: "sort+insert",
    published: reranker("ours"),
  },
  {
    ...network,
    name: "alpha-qe+labels",
    title: "v2clean + αQE + sort + insert",
    queries: "alpha-qe",
    ranking: "sort+insert",
    published: reranker("alpha-qe+ours"),
  },
  {
    ...ensemble,
    name: "ensemble",
    title: "ensemble",
    published: publishedBeforeReranking.find(({ system }) => system === "ensemble of six")!,
  },
  {
    ...ensemble,
    name: "ensemble-labels",
    title: "ensemble + sort + insert",
    ranking: "sort+insert",
  },
  {
    ...ensemble,
    name: "contest",
    title: "ensemble, as in the contest",
    queries: "contest",
    ranking: "sort+insert",
    published: publishedStandings.find(({ team }) => team === "smlyaka")!,
  },
  {
    ...ensemble,
    name: "ensemble-alpha-qe+labels",
    title: "ensemble + αQE + sort + insert",
    queries: "alpha-qe",
    ranking: "sort+insert",
  },
];

/** The five rows of the small presets. */
export const demoMethods: readonly Method[] = fiveMethods("untrained baseline", "trained baseline");
export const pretrainedMethods: readonly Method[] = fiveMethods("random weights", "pretrained baseline");

function fiveMethods(untrained: string, trained: string): readonly Method[] {
  return [
    { ...network, of: "untrained", name: "untrained", title: untrained },
    { ...ensemble, name: "trained", title: trained },
    { ...ensemble, name: "alpha-qe", title: "+ αQE", queries: "alpha-qe" },
    { ...ensemble, name: "labels", title: "+ label re-ranking", ranking: "sort+insert" },
    {
      ...ensemble,
      name: "alpha-qe+labels",
      title: "+ both",
      queries: "alpha-qe",
      ranking: "sort+insert",
    },
  ];
}

function reranker(method: (typeof publishedReranking)[number]["method"]): {
  readonly private: number;
  readonly public?: number;
} {
  return publishedReranking.find((row) => row.method === method)!;
}

/** Whether a method ranks by labels. */
export function usesLabels({ ranking }: Method): boolean {
  return ranking === "sort" || ranking === "sort+insert";
}

/** Of a method's embeddings the method that changes nothing, to compare with. */
export function baselineOf(methods: readonly Method[], { of }: Method): Method {
  return methods.find((one) => one.of === of && one.queries === "plain" && one.ranking === "search")!;
}
