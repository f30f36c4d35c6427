import { defaultConfig } from "./config-keys.ts";
import type { YmlConfig } from "./yml-config.ts";

/**
 * What all published runs share: the original's `configs/GLDv2/GLDv2_base.yml` over the defaults.
 *
 * Paths here and in the runs begin behind the authors' home folder.
 */
export const baseConfig: YmlConfig = {
  ...defaultConfig,
  MODEL: {
    ...defaultConfig.MODEL,
    METRIC_LOSS_TYPE: "softmax",
    IF_LABELSMOOTH: "off",
    IF_WITH_CENTER: "no",
    DEVICE_ID: "0,1,2,3,4,5,6,7",
    CNN_DROPOUT: 0,
    GEM: true,
    DIST_TRAIN: true,
    TRIPLET_LOSS_WEIGHT: 0,
    ID_LOSS_TYPE: "arcface",
    COS_LAYER: true,
    NECK_BIAS: false,
  },
  INPUT: { ...defaultConfig.INPUT, PROB: 0.5, RE_PROB: 1 },
  DATASETS: {
    ...defaultConfig.DATASETS,
    NAMES: "ourapi",
    ROOT_TRAIN_DIR: "datasets/instance_search/GLDv2/reid_images",
    ROOT_VAL_DIR: "datasets/instance_search/Oxford5k/reid_images",
  },
  DATALOADER: { ...defaultConfig.DATALOADER, SAMPLER: "softmax", NUM_INSTANCE: 1, NUM_WORKERS: 32 },
  SOLVER: {
    ...defaultConfig.SOLVER,
    WARMUP_METHOD: "cosine",
    LARGE_FC_LR: false,
    LOG_PERIOD: 100,
    BIAS_LR_FACTOR: 2,
    FP16_ENABLED: true,
  },
  TEST: {
    ...defaultConfig.TEST,
    EVAL: true,
    RE_RANKING: false,
    WEIGHT: "",
    NECK_FEAT: "after",
    FEAT_NORM: "yes",
    CBIR_METRIC: true,
  },
};
