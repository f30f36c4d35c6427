import type { MemberName, Task } from "./ensembles.ts";

/** Scores of one task on the two parts of its test images, in percent: GAP of recognition, mAP@100 of retrieval. */
export interface PublishedScores {
  readonly private: number;
  readonly public: number;
}

/** A row of the authors' table. */
export interface PublishedResult extends Readonly<Partial<Record<Task, PublishedScores>>> {
  readonly system: MemberName | "ensemble";
  /** Side of the images, in pixels, and stride of the first convolution. */
  readonly size?: number;
  readonly stemStride?: 1 | 2;
  /** What the network is trained on, as the authors name it. */
  readonly data?: "GLDv2" | "GLDv2x";
}

type Row = readonly [
  system: MemberName,
  size: number,
  stemStride: 1 | 2,
  data: "GLDv2" | "GLDv2x",
  recognition: readonly [private_: number, public_: number] | null,
  retrieval: readonly [private_: number, public_: number] | null,
];

const rows: readonly Row[] = [
  ["dolg-b5", 768, 2, "GLDv2x", [47.6, 49.7], [47.8, 46.4]],
  ["dolg-b6", 768, 2, "GLDv2x", [47.6, 47.9], [47.4, 45.4]],
  ["dolg-b7", 448, 1, "GLDv2x", [46.5, 48.4], [47.0, 45.8]],
  ["swin-b3", 896, 2, "GLDv2x", [46.2, 48.7], [48.1, 45.4]],
  ["swin-b5", 448, 1, "GLDv2x", [46.2, 48.2], [47.6, 44.3]],
  ["swin-b6", 384, 1, "GLDv2x", [46.7, 49.2], [48.7, 46.2]],
  ["effnet-b3", 768, 2, "GLDv2", [46.3, 48.7], null],
  ["effnet-b6", 512, 2, "GLDv2", [47.0, 48.4], [45.4, 44.1]],
  ["effnet-b5", 704, 2, "GLDv2x", null, [45.9, 42.8]],
];

/**
 * What the authors say that their networks and ensembles reach.
 *
 * @see {@link https://arxiv.org/abs/2110.03786 | Henkel, Efficient large-scale image retrieval with deep feature orthogonality and
 * hybrid-swin-transformers}, table 1
 */
export const publishedResults: readonly PublishedResult[] = [
  ...rows.map(([system, size, stemStride, data, recognition, retrieval]) => ({
    ...{ system, size, stemStride, data },
    ...(recognition === null ? {} : { recognition: scores(recognition) }),
    ...(retrieval === null ? {} : { retrieval: scores(retrieval) }),
  })),
  { system: "ensemble", recognition: scores([51.3, 53.4]), retrieval: scores([53.7, 51.8]) },
];

function scores([onPrivate, onPublic]: readonly [number, number]): PublishedScores {
  return { private: onPrivate, public: onPublic };
}
