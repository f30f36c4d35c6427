import { gld2021SecondAugmentation } from "@lmk/data";
import { gld2021SecondNormalization } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import { augmentationOf, normalizationOf } from "../src/augmentation.ts";
import { baseConfig } from "../src/base-config.ts";
import { defaultConfig } from "../src/config-keys.ts";
import { configs } from "../src/configs.ts";
import type { RunName } from "../src/published-runs.ts";
import { requireSupported } from "../src/require-supported.ts";

/** Backbone, choice and end of the path of what it begins with, side, padding, list, sampler. */
type Images = readonly [string, "imagenet" | "self", string, number, number, string, "softmax" | "gld"];
/** Epochs, learning rate, images on a device in training and in tests, weight decay, warm-up, scale, margin, checkpoint. */
type Solver = readonly [number, number, number, number, number, number, number, number, number];

/** The original's yml files. */
// biome-ignore format: a table
const published: Readonly<Record<RunName, readonly [Images, Solver]>> = {
  R50_256: [["resnet50", "imagenet", "models/resnet50-19c8e357.pth", 256, 10, "clean", "softmax"], [10, 0.08, 128, 128, 5e-4, 1, 30, 0.3, 2]],
  R50_256_finetune: [["resnet50", "self", "R50_256_finetune/resnet50_6.pth", 256, 10, "all", "gld"], [2, 0.008, 128, 128, 5e-4, 0, 30, 0.3, 2]],
  SER101ibn_384: [["se_resnet101_ibn_a", "imagenet", "IBN-Net/se_resnet101_ibn_a-fabed4e2.pth", 384, 15, "clean", "softmax"], [10, 0.08, 96, 96, 5e-4, 1, 30, 0.3, 2]],
  SER101ibn_384_finetune: [["se_resnet101_ibn_a", "self", "SER101ibn_384/se_resnet101_ibn_a_10.pth", 384, 15, "c2f", "softmax"], [6, 0.008, 96, 96, 5e-4, 0, 30, 0.3, 2]],
  SER101ibn_512_finetune: [["se_resnet101_ibn_a", "self", "SER101ibn_384_finetune/se_resnet101_ibn_a_6.pth", 512, 20, "full", "softmax"], [4, 0.0008, 18, 18, 1e-5, 0, 30, 0.3, 2]],
  SER101ibn_512_all: [["se_resnet101_ibn_a", "self", "SER101ibn_512_finetune/se_resnet101_ibn_a_2.pth", 512, 20, "all", "gld"], [4, 0.0008, 18, 18, 1e-5, 0, 30, 0.3, 2]],
  RXt101ibn_384: [["resnext101_ibn_a", "imagenet", "IBN-Net/resnext101_ibn_a-6ace051d.pth", 384, 15, "clean", "softmax"], [10, 0.08, 40, 40, 5e-4, 1, 30, 0.3, 2]],
  RXt101ibn_384_finetune: [["resnext101_ibn_a", "self", "RXt101ibn_384/resnext101_ibn_a_10.pth", 384, 15, "c2f", "softmax"], [6, 0.008, 40, 40, 5e-4, 0, 30, 0.3, 2]],
  RXt101ibn_512_finetune: [["resnext101_ibn_a", "self", "RXt101ibn_384_finetune/resnext101_ibn_a_2.pth", 512, 20, "full", "softmax"], [4, 0.0008, 18, 18, 1e-5, 0, 30, 0.3, 2]],
  RXt101ibn_512_all: [["resnext101_ibn_a", "self", "RXt101ibn_512_finetune/resnext101_ibn_a_2.pth", 512, 20, "all", "gld"], [4, 0.0008, 18, 18, 1e-5, 0, 30, 0.3, 2]],
  ResNeSt101_384: [["resnest101", "imagenet", "resnest/resnest101-22405ba7.pth", 384, 15, "clean", "softmax"], [10, 0.08, 36, 36, 5e-4, 1, 30, 0.3, 2]],
  ResNeSt101_384_finetune: [["resnest101", "self", "ResNeSt101_384/resnest101_10.pth", 384, 15, "c2f", "softmax"], [6, 0.008, 88, 88, 5e-4, 0, 30, 0.3, 2]],
  ResNeSt101_512_finetune: [["resnest101", "self", "ResNeSt101_384_finetune/resnest101_6.pth", 512, 20, "full", "softmax"], [2, 0.0008, 40, 40, 1e-5, 0, 30, 0.3, 2]],
  ResNeSt101_512_all: [["resnest101", "self", "ResNeSt101_512_finetune/resnest101_2.pth", 512, 20, "all", "gld"], [2, 0.0008, 40, 40, 1e-5, 0, 30, 0.3, 2]],
  ResNeSt269_448: [["resnest269", "imagenet", "resnest/resnest269-0cc87c48.pth", 448, 18, "clean", "softmax"], [10, 0.08, 28, 28, 5e-4, 1, 30, 0.3, 2]],
  ResNeSt269_448_finetune: [["resnest269", "self", "ResNest269_448/resnest269_10.pth", 448, 18, "c2f", "softmax"], [6, 0.008, 28, 28, 5e-4, 0, 30, 0.3, 2]],
  ResNeSt269_512_finetune: [["resnest269", "self", "ResNeSt269_448_finetune/resnest269_4.pth", 512, 20, "full", "softmax"], [2, 0.0008, 6, 16, 5e-4, 0, 60, 0, 1]],
  ResNeSt269_512_all: [["resnest269", "self", "ResNeSt269_512_finetune/resnest269_2.pth", 512, 20, "all", "gld"], [2, 0.0008, 6, 16, 5e-4, 0, 60, 0, 1]],
};

it("has the eighteen published runs", () => {
  expect(Object.keys(configs)).toEqual(Object.keys(published));
});

describe.each(Object.entries(published))("%s", (name, [images, solver]) => {
  const config = configs[name as RunName];
  const { MODEL, INPUT, DATALOADER, SOLVER, TEST } = config;

  it("has every number of its yml file", () => {
    const [backbone, choice, start, side, padding, list, sampler] = images;
    expect([MODEL.NAME, MODEL.PRETRAIN_CHOICE]).toEqual([backbone, choice]);
    expect(MODEL.PRETRAIN_PATH.endsWith(`/${start}`)).toBe(true);
    expect([INPUT.SIZE_TRAIN, INPUT.SIZE_TEST]).toEqual([
      [side, side],
      [side, side],
    ]);
    expect([INPUT.PADDING, DATALOADER.CACHE_LIST, DATALOADER.SAMPLER]).toEqual([
      padding,
      `cache_${list}_list.pkl`,
      sampler,
    ]);
    const { MAX_EPOCHS, BASE_LR, IMS_PER_BATCH, WEIGHT_DECAY, WARMUP_EPOCHS } = SOLVER;
    const numbers = [MAX_EPOCHS, BASE_LR, IMS_PER_BATCH, TEST.IMS_PER_BATCH, WEIGHT_DECAY, WARMUP_EPOCHS];
    expect([...numbers, SOLVER.COSINE_SCALE, SOLVER.COSINE_MARGIN, SOLVER.CHECKPOINT_PERIOD]).toEqual(solver);
    expect([SOLVER.WEIGHT_DECAY_BIAS, SOLVER.OPTIMIZER_NAME, SOLVER.EVAL_PERIOD]).toEqual([
      solver[4],
      "SGD",
      20,
    ]);
    expect([MODEL.NUM_CLASSES, MODEL.LAST_STRIDE]).toEqual([
      name.startsWith("ResNeSt269_512") ? 203_094 : 0,
      1,
    ]);
  });

  it("can run here, with the augmentation of the write-up", () => {
    expect(() => requireSupported(config)).not.toThrow();
    expect(augmentationOf(config)).toEqual(gld2021SecondAugmentation(images[3]));
    expect(normalizationOf(config)).toEqual(gld2021SecondNormalization);
  });
});

it("writes four folders by the name of another run, as the yml files do", () => {
  const others = Object.entries(configs).filter(
    ([name, { OUTPUT_DIR }]) => OUTPUT_DIR !== `logs/GLDv2clean/${name}`,
  );
  expect(others.map(([name, { OUTPUT_DIR }]) => [name, OUTPUT_DIR])).toEqual([
    ["SER101ibn_512_finetune", "logs/GLDv2clean/SER101ibn_512_all"],
    ["RXt101ibn_512_finetune", "logs/GLDv2clean/RXt101ibn_512_all"],
    ["ResNeSt101_512_finetune", "logs/GLDv2clean/ResNeSt101_512_all"],
    ["ResNeSt269_512_all", "logs/GLDv2clean/ResNeSt269_512_finetune"],
  ]);
});

it("shares what the file of BASE says", () => {
  /** Keys of the base with other values than the defaults. */
  const changed = Object.entries(baseConfig).flatMap(([section, keys]) =>
    Object.entries(keys as object).flatMap(([key, value]) => {
      const before = (defaultConfig as unknown as Record<string, Record<string, unknown>>)[section]?.[key];
      return before === value ? [] : [[`${section}.${key}`, value]];
    }),
  );
  expect(Object.fromEntries(changed)).toEqual({
    "MODEL.METRIC_LOSS_TYPE": "softmax",
    "MODEL.IF_LABELSMOOTH": "off",
    "MODEL.DEVICE_ID": "0,1,2,3,4,5,6,7",
    "MODEL.CNN_DROPOUT": 0,
    "MODEL.GEM": true,
    "MODEL.DIST_TRAIN": true,
    "MODEL.TRIPLET_LOSS_WEIGHT": 0,
    "MODEL.ID_LOSS_TYPE": "arcface",
    "MODEL.COS_LAYER": true,
    "INPUT.RE_PROB": 1,
    "DATASETS.NAMES": "ourapi",
    "DATASETS.ROOT_TRAIN_DIR": "datasets/instance_search/GLDv2/reid_images",
    "DATASETS.ROOT_VAL_DIR": "datasets/instance_search/Oxford5k/reid_images",
    "DATALOADER.NUM_INSTANCE": 1,
    "DATALOADER.NUM_WORKERS": 32,
    "SOLVER.WARMUP_METHOD": "cosine",
    "SOLVER.BIAS_LR_FACTOR": 2,
    "SOLVER.FP16_ENABLED": true,
    "TEST.EVAL": true,
    "TEST.CBIR_METRIC": true,
  });
});
