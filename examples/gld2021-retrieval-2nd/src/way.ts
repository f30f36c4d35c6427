import type { NetworkName } from "./chains.ts";
import type { ReferenceSet } from "./searched.ts";

/** One network, or all of them together. */
export type Networks = NetworkName | "ensemble";

/** How index images are ranked for a query. */
export interface Way {
  readonly networks: Networks;
  /** By the cosine, or by k-reciprocal neighbors of queries and index, as with `KR_FLAG`. */
  readonly similarity: "cosine" | "k-reciprocal";
  /** What labelled images add to that; nothing if not given. */
  readonly category?: CategoryWay;
  /** Whether matches of local features rank the first results again, as with `LOCAL_MATCHING`. */
  readonly local: boolean;
}

/** What labelled images say about a ranking. */
export type CategoryWay = TagsWay | LabelFirstWay | VotedReferencesWay;

/** Images of a landmark or a country that the query may have gain by its share of the votes. */
export interface TagsWay {
  readonly kind: "tags";
  /** Each network's similarities by its own votes before they are added up, or the sum by the votes of all. */
  readonly merge: "before_merge" | "after_merge";
  /** What the nearest references of a query are by. */
  readonly votes: Votes;
  readonly references: ReferenceSet;
  /** `alpha`. */
  readonly landmarkWeight: number;
  /** `beta`. */
  readonly countryWeight: number;
}

/** By k-reciprocal neighbors around the query, or by the cosine. */
export type Votes = "k-reciprocal" | "cosine";

/** Images of the landmark that a query's references vote for come first: the original's hard form, which it did not use. */
export interface LabelFirstWay {
  readonly kind: "label-first";
  readonly references: ReferenceSet;
}

/** Images near any reference of the voted landmarks come first: its category expansion, which it did not use either. */
export interface VotedReferencesWay {
  readonly kind: "voted-references";
  readonly references: ReferenceSet;
}
