import { describe, expect, it } from "vitest";
import { configKeys, defaultConfig, sectionKeys } from "../src/config-keys.ts";
import { keyValue, requireSupported } from "../src/require-supported.ts";

/** The original's `config/defaults.py`. */
const defaults = {
  BASE: "",
  MODEL: {
    NUM_CLASSES: 0,
    DEVICE: "cuda",
    DEVICE_ID: "0",
    NAME: "resnet50",
    LAST_STRIDE: 1,
    PRETRAIN_PATH: "",
    PRETRAIN_CHOICE: "imagenet",
    NECK: "bnneck",
    IF_WITH_CENTER: "no",
    NECK_DIM: 512,
    NECK_BIAS: false,
    ID_LOSS_TYPE: "softmax",
    ID_LOSS_WEIGHT: 1,
    TRIPLET_LOSS_WEIGHT: 1,
    VERIFICATION_LOSS_WEIGHT: 1,
    GEM: false,
    CNN_DROPOUT: 0.7,
    METRIC_LOSS_TYPE: "triplet",
    DIST_TRAIN: false,
    NO_MARGIN: false,
    IF_LABELSMOOTH: "on",
    COS_LAYER: false,
    FROZEN: -1,
  },
  INPUT: {
    SIZE_TRAIN: [384, 128],
    SIZE_TEST: [384, 128],
    PROB: 0.5,
    RE_PROB: 0.5,
    PIXEL_MEAN: [0.485, 0.456, 0.406],
    PIXEL_STD: [0.2235294117647059, 0.2235294117647059, 0.2235294117647059],
    PADDING: 10,
    COLOR_PROB: 0,
    AUGMIX_PROB: 0,
    RANDOM_PATCH_PROB: 0,
    RANDOM_AFFINE_PROB: 0,
    PERSPECTIVE_PROB: 0,
    DET_AUG_PROB: 0,
  },
  DATASETS: { NAMES: "market1501", ROOT_DIR: "../data", ROOT_TRAIN_DIR: "../data", ROOT_VAL_DIR: "../data" },
  DATALOADER: { CACHE_LIST: "", NUM_WORKERS: 8, SAMPLER: "softmax", NUM_INSTANCE: 16, REMOVE_TAIL: 0 },
  SOLVER: {
    OPTIMIZER_NAME: "Adam",
    MAX_EPOCHS: 100,
    BASE_LR: 3e-4,
    LARGE_FC_LR: false,
    BIAS_LR_FACTOR: 1,
    SEED: 1234,
    MOMENTUM: 0.9,
    MARGIN: 0.3,
    CENTER_LR: 0.5,
    CENTER_LOSS_WEIGHT: 0.0005,
    WEIGHT_DECAY: 0.0005,
    WEIGHT_DECAY_BIAS: 0.0005,
    GAMMA: 0.1,
    STEPS: [40, 70],
    WARMUP_FACTOR: 0.01,
    WARMUP_EPOCHS: 5,
    WARMUP_METHOD: "linear",
    COSINE_MARGIN: 0.5,
    COSINE_SCALE: 30,
    CHECKPOINT_PERIOD: 10,
    LOG_PERIOD: 100,
    EVAL_PERIOD: 10,
    IMS_PER_BATCH: 64,
    FP16_ENABLED: false,
  },
  UDA: { PSOLABEL_PERIOD: 6, CLUSTER_EPS: 0.15, CLUSTER_MIN_SAMPLES: 2 },
  TEST: {
    IMS_PER_BATCH: 128,
    RE_RANKING: false,
    WEIGHT: "",
    NECK_FEAT: "after",
    FEAT_NORM: "yes",
    DIST_MAT: "dist_mat.npy",
    EVAL: false,
    INFERENCE_ONLY: false,
    CBIR_METRIC: false,
  },
  OUTPUT_DIR: "",
};

it("has the original's keys in its order, with its defaults", () => {
  expect(defaultConfig).toEqual(defaults);
  for (const [section, rows] of Object.entries(sectionKeys)) {
    expect(Object.keys(rows)).toEqual(Object.keys(defaults[section as keyof typeof sectionKeys]));
  }
  expect(Object.keys(configKeys)).toHaveLength(83);
});

it("says of each key what it does here or why it has no meaning", () => {
  for (const [path, row] of Object.entries(configKeys)) {
    expect("does" in row, path).toBe(!("reason" in row));
    expect("does" in row ? row.does : row.reason, path).toMatch(/^\S.{8,}\.$/);
    expect(keyValue(defaultConfig, path), path).toEqual(row.default);
  }
});

describe("what is not here", () => {
  const trained = {
    ...defaultConfig,
    SOLVER: { ...defaultConfig.SOLVER, WARMUP_METHOD: "cosine" },
  };

  it("is refused with the reason, before a run begins", () => {
    expect(() => requireSupported(trained)).not.toThrow();
    const finetuned = { ...trained, MODEL: { ...defaultConfig.MODEL, PRETRAIN_CHOICE: "finetune" } };
    expect(() => requireSupported(finetuned)).toThrow(
      "MODEL.PRETRAIN_CHOICE: expected one of imagenet, self, got finetune; set it so. Whether",
    );
    const mixed = { ...trained, INPUT: { ...defaultConfig.INPUT, AUGMIX_PROB: 0.5 } };
    expect(() => requireSupported(mixed)).toThrow(
      "INPUT.AUGMIX_PROB: expected 0, got 0.5; set it so. No published run mixes",
    );
  });

  it("is the schedule of the defaults too", () => {
    const linear = { ...trained, SOLVER: defaultConfig.SOLVER };
    expect(() => requireSupported(linear)).toThrow("SOLVER.WARMUP_METHOD: expected cosine, got linear");
  });
});
