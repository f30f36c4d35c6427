import type { SettingRows } from "./setting-row.ts";
import type { RerankSettings } from "./settings.ts";

/** How results are ranked again. */
export const rerankSettings: SettingRows<RerankSettings> = {
  KR_FLAG: {
    default: false,
    does: "k-reciprocal re-ranking of the merged similarities; none with `CATEGORY_RERANK` before the merge.",
  },
  K1: { default: 10, does: "Neighbors that are reciprocal." },
  K2: { default: 3, does: "Neighbors whose encodings are averaged." },
  LAMBDA: { default: 0.3, does: "Share of the distance itself in that of `KR_FLAG`." },
  CATEGORY_RERANK: {
    default: "off",
    submitted: "before_merge",
    does: "Whether results are ranked again by landmark and country, each network's before they are merged or all after.",
  },
  VOTE_NUM: { default: 3, does: "Reference images that vote for the landmark of an image." },
  REF_SET_EXTRACT: { default: false, does: "Whether the images of `REF_ALL_LIST` are embedded before." },
  REF_ALL_LIST: {
    default: "../input/meta-data-final/cache_all_list.pkl",
    submitted: "../input/meta-data-all/cache_all_list.pkl",
    does: "The images that are embedded as references, by the name of the list.",
  },
  REF_SET_LIST: {
    default: "../input/meta-data-final/cache_full_list.pkl",
    submitted: "../input/meta-data-final/cache_index_train_list.pkl",
    does: "Those of them that vote, by the name of the list.",
  },
  REF_LOC_MAP: {
    default: "../input/meta-data-final/gbid2country.pkl",
    does: "The countries of the classes.",
  },
  CATEGORY_THR: { default: -1, reason: "The original hands it on and does nothing with it." },
  alpha: { default: 1, does: "What the landmark of a query adds to the similarity of its images." },
  beta: { default: 0.1, does: "What its country adds." },
  LOCAL_MATCHING: {
    default: "off",
    does: "With `spg`, matches of local features rank the first results again. The weights of SuperPoint and SuperGlue are for research only; other local features stand in for them.",
  },
  SPG_RERANK_NUM: { default: 10, does: "Results of a query whose local features are matched." },
  LOCAL_WEIGHT: { default: 0.15, does: "What most inliers add to a similarity." },
  MAX_INLIERS: { default: 90, does: "Inliers that count as most." },
  SPG_DO_CACHE: { default: true, reason: "Local features that are there are not made again." },
};
