import type { MemberName } from "./train-run.ts";

/** One network, or all of them together. */
export type Networks = MemberName | "ensemble";

/** How landmarks are recognized. */
export type Way = HeadWay | NeighborsWay | FusionWay | SummedWay;

/** The best class of the head. */
export interface HeadWay {
  readonly kind: "head";
  readonly networks: Networks;
}

/** The nearest images vote, each with a power of its cosine. */
export interface NeighborsWay {
  readonly kind: "neighbors";
  readonly networks: Networks;
  readonly neighborCount: number;
  readonly power: number;
}

/** The nearest images vote, each with a power of its cosine times a power of the head's score of its landmark. */
export interface FusionWay {
  readonly kind: "fusion";
  readonly networks: Networks;
  readonly neighborPower: number;
  readonly headPower: number;
  /** Whether the first place's A − B takes the place of the cosines, and its C is taken from the score. */
  readonly ranking: boolean;
  /** Whether the second place's rules lower what looks like an image without a landmark, and frequent landmarks. */
  readonly rules: boolean;
}

/** The first place's ranking: each network's best images vote by A or A − B; C is taken from the sum. */
export interface SummedWay {
  readonly kind: "summed";
  readonly terms: "A" | "A-B" | "A-B-C";
  /** Whether each number of the embeddings is made normal before. */
  readonly quantiles: boolean;
}
