import { expect, it } from "vitest";
import { defaultSettings, settingRows, submittedSettings } from "../src/inference-settings.ts";

/** The settings of the original's repository. */
const published = {
  IMAGE_DIR: "../input/landmark-retrieval-2021/",
  RAW_IMAGE_DIR: "datasets/google_landmark/",
  OUTPUT_TEMP_DIR: "../temp/retrieval/",
  OUTPUT_DIR: "../working/retrieval/",
  MODEL_DIR: "../input/models/",
  META_DIR: "../input/meta-data/",
  PROBE_DIR: "../input/landmark-retrieval-2021/test/",
  INDEX_DIR: "../input/landmark-retrieval-2021/index/",
  FEAT_DIR: "../temp/retrieval/features/",
  SIMS_DIR: "../temp/retrieval/sims/",
  SAMPLE_TEST_NUM: 1129,
  REID_EXTRACT_FLAG: true,
  FP16: true,
  DEBUG_FLAG: false,
  MULTI_SCALE_FEAT: false,
  MODEL_LIST: ["R50"],
  MODEL_WEIGHT: [1, 1, 1, 1],
  IMAGE_SIZE: 256,
  BATCH_SIZE: 128,
  MODEL_PARAMS: {
    R50: { MODEL_NAME: "R50_256.pth", BACKBONE: "resnet50" },
    R101ibn: { MODEL_NAME: "R101ibn_384_finetune_c2x.pth", BACKBONE: "resnet101_ibn_a" },
    RXt101ibn: { MODEL_NAME: "RXt101ibn_512_all.pth", BACKBONE: "resnext101_ibn_a" },
    SER101ibn: { MODEL_NAME: "SER101ibn_512_all.pth", BACKBONE: "se_resnet101_ibn_a" },
    ResNeSt101: { MODEL_NAME: "ResNeSt101_512_all.pth", BACKBONE: "resnest101" },
    ResNeSt269: { MODEL_NAME: "ResNeSt269_512_all.pth", BACKBONE: "resnest269" },
    EffNetB7: { MODEL_NAME: "efficientnet-b7_20_512_3796.pth", BACKBONE: "efficientnet-b7" },
  },
  KR_FLAG: false,
  K1: 10,
  K2: 3,
  INITIAL_RANK_FILE: "../temp/retrieval/initial_rank.npy",
  NAME_LIST_FILE: "../temp/retrieval/name_list.pkl",
  EUC_DIST_DIR: "../temp/retrieval/euc_dist/",
  GRAPH_DIST_DIR: "../temp/retrieval/graph_dist/",
  QE_DIST_DIR: "../temp/retrieval/qe_dist/",
  JACCARD_DIR: "../temp/retrieval/jaccard/",
  LAMBDA: 0.3,
  CATEGORY_RERANK: "off",
  VOTE_NUM: 3,
  REF_SET_EXTRACT: false,
  REF_ALL_LIST: "../input/meta-data-final/cache_all_list.pkl",
  REF_SET_LIST: "../input/meta-data-final/cache_full_list.pkl",
  REF_SET_META: "../temp/retrieval/ref_meta.pkl",
  REF_SET_FEAT: "../input/meta-data-all/ref_feats.pkl",
  REF_LOC_MAP: "../input/meta-data-final/gbid2country.pkl",
  CATEGORY_THR: -1,
  alpha: 1,
  beta: 0.1,
  LOCAL_MATCHING: "off",
  SPG_MODEL_DIR: "../input/models/local_matching",
  SPG_CACHE_DIR: "../temp/retrieval/local_matching_cache",
  SPG_RERANK_NUM: 10,
  LOCAL_WEIGHT: 0.15,
  MAX_INLIERS: 90,
  SPG_DO_CACHE: true,
};

it("has the original's settings with their values", () => {
  expect(defaultSettings).toEqual(published);
  expect(Object.keys(settingRows)).toHaveLength(48);
});

it("has those of the notebook that was handed in", () => {
  expect(submittedSettings).toEqual({
    ...published,
    META_DIR: "../input/meta-data-final/",
    MODEL_LIST: ["SER101ibn", "RXt101ibn", "ResNeSt101", "ResNeSt269"],
    IMAGE_SIZE: 512,
    BATCH_SIZE: 32,
    CATEGORY_RERANK: "before_merge",
    REF_ALL_LIST: "../input/meta-data-all/cache_all_list.pkl",
    REF_SET_LIST: "../input/meta-data-final/cache_index_train_list.pkl",
    REF_SET_FEAT: "../input/meta-data-final/ref_feats.pkl",
  });
});

it("says of each setting what it does here or why it has no meaning", () => {
  for (const [key, row] of Object.entries(settingRows)) {
    expect("does" in row, key).toBe(!("reason" in row));
    expect("does" in row ? row.does : row.reason, key).toMatch(/^\S.{8,}\.$/);
  }
});
