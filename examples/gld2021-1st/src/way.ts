import type { Kind, MemberName } from "./ensembles.ts";
import type { LabelScore } from "./image-labels.ts";

/** How index images are ranked. */
export interface RetrievalWay {
  readonly task: "retrieval";
  /** One network, or all members of the ensemble. */
  readonly networks: MemberName | "ensemble";
  /** By the cosine alone; with scores that go up and down by labels; with labels that come first. */
  readonly rerank: "none" | "soft" | "hard";
  /** What the confidence of a label is. */
  readonly labelScore: LabelScore;
  /** Where labels are from: from labelled train images, or from these and from index images whose landmark is known. */
  readonly labelled: "train" | "train-and-index";
}

/** How landmarks are recognized. */
export interface RecognitionWay {
  readonly task: "recognition";
  /** One network, the mean of those of a kind, or the means of all kinds side by side. */
  readonly networks: MemberName | Kind | "ensemble";
  /** A: the cosine to the gallery. B, C: how near gallery and test images are to images without a landmark. */
  readonly terms: "A" | "A-B" | "A-B-C";
  /** Whether each number of the descriptor is made normal before. */
  readonly quantiles: boolean;
}

export type Way = RetrievalWay | RecognitionWay;

/** A way that is scored. */
export interface Method<W extends Way = Way> {
  /** Names its files. */
  readonly name: string;
  readonly title: string;
  readonly way: W;
}
