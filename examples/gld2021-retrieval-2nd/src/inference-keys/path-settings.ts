import type { SettingRows } from "./setting-row.ts";
import type { PathSettings } from "./settings.ts";

const inRun = "It is kept in the folder of the run, `--run` of `retrieve`.";
const matrices = "Distances are not kept on disk.";

/** The reason of a setting in whose place `retrieve` has an option. */
function option(name: string): string {
  return `\`${name}\` of \`retrieve\` has its place.`;
}

/** Where the original reads and writes. */
export const pathSettings: SettingRows<PathSettings> = {
  IMAGE_DIR: { default: "../input/landmark-retrieval-2021/", reason: option("--image-dir") },
  // Behind the authors' home folder.
  RAW_IMAGE_DIR: { default: "datasets/google_landmark/", reason: option("--raw-image-dir") },
  OUTPUT_TEMP_DIR: { default: "../temp/retrieval/", reason: option("--run") },
  OUTPUT_DIR: { default: "../working/retrieval/", reason: option("--out") },
  MODEL_DIR: { default: "../input/models/", reason: option("--model-dir") },
  META_DIR: {
    default: "../input/meta-data/",
    submitted: "../input/meta-data-final/",
    reason: "The original never reads it.",
  },
  PROBE_DIR: { default: "../input/landmark-retrieval-2021/test/", reason: "It is `test` in `--image-dir`." },
  INDEX_DIR: {
    default: "../input/landmark-retrieval-2021/index/",
    reason: "It is `index` in `--image-dir`.",
  },
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
