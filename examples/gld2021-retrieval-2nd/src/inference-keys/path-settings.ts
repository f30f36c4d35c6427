import type { SettingRows } from "./setting-row.ts";
import type { PathSettings } from "./settings.ts";

const data = "The images are those of the data set of the run.";
const inRun = "The run keeps it in its own folder.";
const matrices = "Distances are not kept on disk.";

/** Where the original reads and writes. */
export const pathSettings: SettingRows<PathSettings> = {
  IMAGE_DIR: { default: "../input/landmark-retrieval-2021/", reason: data },
  // Behind the authors' home folder.
  RAW_IMAGE_DIR: { default: "datasets/google_landmark/", reason: data },
  OUTPUT_TEMP_DIR: { default: "../temp/retrieval/", reason: inRun },
  OUTPUT_DIR: { default: "../working/retrieval/", reason: inRun },
  MODEL_DIR: {
    default: "../input/models/",
    reason: "Networks are those of the runs, or files that are named one by one.",
  },
  META_DIR: {
    default: "../input/meta-data/",
    submitted: "../input/meta-data-final/",
    reason: "The original never reads it.",
  },
  PROBE_DIR: { default: "../input/landmark-retrieval-2021/test/", reason: data },
  INDEX_DIR: { default: "../input/landmark-retrieval-2021/index/", reason: data },
  FEAT_DIR: { default: "../temp/retrieval/features/", reason: inRun },
  SIMS_DIR: { default: "../temp/retrieval/sims/", reason: inRun },
  INITIAL_RANK_FILE: { default: "../temp/retrieval/initial_rank.npy", reason: matrices },
  NAME_LIST_FILE: { default: "../temp/retrieval/name_list.pkl", reason: inRun },
  EUC_DIST_DIR: { default: "../temp/retrieval/euc_dist/", reason: matrices },
  GRAPH_DIST_DIR: { default: "../temp/retrieval/graph_dist/", reason: matrices },
  QE_DIST_DIR: { default: "../temp/retrieval/qe_dist/", reason: matrices },
  JACCARD_DIR: { default: "../temp/retrieval/jaccard/", reason: matrices },
  REF_SET_META: { default: "../temp/retrieval/ref_meta.pkl", reason: inRun },
  REF_SET_FEAT: {
    default: "../input/meta-data-all/ref_feats.pkl",
    submitted: "../input/meta-data-final/ref_feats.pkl",
    reason: inRun,
  },
  SPG_MODEL_DIR: {
    default: "../input/models/local_matching",
    reason: "SuperPoint and SuperGlue are not here.",
  },
  SPG_CACHE_DIR: { default: "../temp/retrieval/local_matching_cache", reason: inRun },
};
