import type { MemberName } from "./ensembles.ts";
import type { RecognitionWay, RetrievalWay } from "./way.ts";

/** What is searched in what, for a ranking of the index; labelled are index images whose landmark is known. */
export const retrievalPairs = [
  "test-index",
  "test-gallery",
  "index-gallery",
  "test-labelled",
  "index-labelled",
] as const;

/** What is searched in what, to name landmarks. */
export const recognitionPairs = ["test-gallery", "gallery-non-landmarks", "test-non-landmarks"] as const;

export type RetrievalPair = (typeof retrievalPairs)[number];
export type RecognitionPair = (typeof recognitionPairs)[number];

/** Names a list, and the folder of its stage. */
export type ListName = `retrieval/${string}/${RetrievalPair}` | `recognition/${string}/${RecognitionPair}`;

/** A list of one network for a ranking. */
export function retrievalList(member: MemberName, pair: RetrievalPair): ListName {
  return `retrieval/${member}/${pair}`;
}

/** A list of a descriptor that names landmarks. */
export function recognitionList(
  { networks, quantiles }: Pick<RecognitionWay, "networks" | "quantiles">,
  pair: RecognitionPair,
): ListName {
  return `recognition/${networks}${quantiles ? "-quantiles" : ""}/${pair}`;
}

/** The lists that one network's ranking reads. */
export function pairsOfRanking({
  rerank,
  labelled,
}: Pick<RetrievalWay, "rerank" | "labelled">): readonly RetrievalPair[] {
  if (rerank === "none") return ["test-index"];
  return labelled === "train" ? retrievalPairs.slice(0, 3) : retrievalPairs;
}

/** The lists that a recognition reads. */
export function pairsOfRecognition({ terms }: Pick<RecognitionWay, "terms">): readonly RecognitionPair[] {
  return recognitionPairs.slice(0, ["A", "A-B", "A-B-C"].indexOf(terms) + 1);
}
