import type { PredictLabelsOptions } from "./label-prediction.ts";
import type { RerankByLabelOptions } from "./label-reranking.ts";

/**
 * The states that the re-ranking code of the 2019 landmark retrieval winners went through.
 *
 * - `contest`: as run in the contest, on votes of train features and on lists that were changed before;
 * - `unrestricted`: without a threshold, inserted in no order in particular;
 * - `ordered`: votes by the cosine, inserted by confidence; of the commit that brought the published table;
 * - `final`: the last one, with a threshold on both confidences.
 */
export type Landmark2019Revision = "contest" | "unrestricted" | "ordered" | "final";

/** Options for both steps of one revision. */
export interface Landmark2019Settings {
  /** Options of `predictLabels`. */
  readonly predictLabels: Required<PredictLabelsOptions>;
  /** Options of `rerankByLabel`. */
  readonly rerankByLabel: Required<RerankByLabelOptions>;
}

/**
 * The 2019 winners' revisions as options of {@link predictLabels} and {@link rerankByLabel}. The first two inserted in
 * the arbitrary order of a set; here it is by id.
 *
 * @example
 * ```ts
 * import { landmark2019Revisions } from "@lmk/rerank";
 *
 * console.log(landmark2019Revisions.final.rerankByLabel.threshold); // => { kind: 'sum', above: 0.6 }
 * ```
 *
 * @see {@link https://arxiv.org/abs/2003.11211 | Yokoo et al., Two-stage Discriminative Re-ranking for Large-scale Landmark Retrieval, 2020}
 */
export const landmark2019Revisions: Readonly<Record<Landmark2019Revision, Landmark2019Settings>> = {
  contest: {
    predictLabels: { neighborCount: 3, weight: "squared-l2", divideByCount: false },
    rerankByLabel: {
      depth: 100,
      threshold: { kind: "separate", query: 0, index: 0 },
      insertionOrder: "id",
      insert: true,
    },
  },
  unrestricted: {
    predictLabels: { neighborCount: 3, weight: "squared-l2", divideByCount: false },
    rerankByLabel: { depth: 100, threshold: { kind: "none" }, insertionOrder: "id", insert: true },
  },
  ordered: {
    predictLabels: { neighborCount: 3, weight: "cosine", divideByCount: false },
    rerankByLabel: { depth: 100, threshold: { kind: "none" }, insertionOrder: "confidence", insert: true },
  },
  final: {
    predictLabels: { neighborCount: 3, weight: "cosine", divideByCount: true },
    rerankByLabel: {
      depth: 100,
      threshold: { kind: "sum", above: 0.6 },
      insertionOrder: "confidence",
      insert: true,
    },
  },
};
