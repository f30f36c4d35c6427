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
  REF_SET_EXTRACT: {
    default: false,
    reason:
      "Each network embeds the images of `REF_SET_LIST` when they first vote; the run keeps their embeddings.",
  },
  REF_ALL_LIST: {
    default: "../input/meta-data-final/cache_all_list.pkl",
    submitted: "../input/meta-data-all/cache_all_list.pkl",
    reason: "Of labelled images only those of `REF_SET_LIST` are embedded.",
  },
  REF_SET_LIST: {
    default: "../input/meta-data-final/cache_full_list.pkl",
    submitted: "../input/meta-data-final/cache_index_train_list.pkl",
    does: "The labelled images that vote, a list in `--cache`, whatever folder is named. With `cache_index_train_list.pkl` labelled images of the searched index are among them and find themselves: they are ranked by their own labels, others by those of their nearest. With `cache_full_list.pkl` train images alone vote.",
  },
  REF_LOC_MAP: {
    default: "../input/meta-data-final/gbid2country.pkl",
    does: "The countries of the classes, a file in `--cache`, whatever folder is named.",
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
