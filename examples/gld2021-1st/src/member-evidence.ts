import type { LabelPredictions, Neighbors } from "@lmk/rerank";
import type { CompletedStage } from "@lmk-example/kit";
import type { MemberName } from "./ensembles.ts";
import { joinLabelled, labelImages } from "./image-labels.ts";
import type { LabelledIndex } from "./labelled-index.ts";
import { type ListName, type RetrievalPair, retrievalList } from "./list-names.ts";
import { type RowRange, readListRows } from "./list-rows.ts";
import { once } from "./once.ts";
import type { RetrievalEvidence } from "./retrieval-ranking.ts";
import { imagesByLabel } from "./same-label.ts";
import type { RetrievalWay } from "./way.ts";

/** What one network's ranking goes by, of the test images of a range. */
export interface MemberEvidence {
  /** Nearest index images. */
  readonly queryIndex: (range: RowRange) => Promise<Neighbors>;
  /** The same with what test and index images show; the whole index is labelled once. */
  readonly of: (range: RowRange) => Promise<RetrievalEvidence>;
  /** Index images by what they show. */
  readonly images: () => Promise<ReadonlyMap<number, readonly number[]>>;
}

/** What {@link createMemberEvidence} reads, and how it labels. */
export interface MemberEvidenceOptions {
  readonly lists: ReadonlyMap<ListName, CompletedStage>;
  readonly member: MemberName;
  readonly way: Pick<RetrievalWay, "labelScore" | "labelled">;
  /** Labelled images that vote. */
  readonly neighborCount: number;
  /** Landmark of each gallery image. */
  readonly galleryLabels: Int32Array;
  readonly labelledIndex: Pick<LabelledIndex, "labels"> | undefined;
  readonly indexImages: number;
}

/** Reads a network's lists when they are asked for, and labels images by them. */
export function createMemberEvidence({
  lists,
  member,
  way,
  neighborCount,
  galleryLabels,
  labelledIndex,
  indexImages,
}: MemberEvidenceOptions): MemberEvidence {
  const read = (pair: RetrievalPair, range: RowRange): Promise<Neighbors> =>
    readListRows(lists.get(retrievalList(member, pair))!, range);
  const labelsOf = async (part: "test" | "index", range: RowRange): Promise<LabelPredictions> => {
    const options = { labelScore: way.labelScore, neighborCount };
    const nearest = await read(`${part}-gallery`, range);
    if (way.labelled === "train") return labelImages(nearest, galleryLabels, options);
    const both = [nearest, await read(`${part}-labelled`, range)] as const;
    const joined = joinLabelled(both, [galleryLabels, labelledIndex!.labels], neighborCount);
    return labelImages(joined.nearest, joined.labels, options);
  };
  const indexLabels = once(() => labelsOf("index", { first: 0, end: indexImages }));
  const queryIndex = (range: RowRange): Promise<Neighbors> => read("test-index", range);
  return {
    queryIndex,
    of: async (range) => ({
      queryIndex: await queryIndex(range),
      queryLabels: await labelsOf("test", range),
      indexLabels: await indexLabels(),
    }),
    images: once(async () => imagesByLabel((await indexLabels()).labels)),
  };
}
