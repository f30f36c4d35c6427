import type { SettingRows } from "./setting-row.ts";
import type { FeatureSettings } from "./settings.ts";

/** What is embedded, and how. */
export const featureSettings: SettingRows<FeatureSettings> = {
  SAMPLE_TEST_NUM: {
    default: 1129,
    reason:
      "With so many test images, those of the public run, the notebook hands in the sample; here all are ranked.",
  },
  REID_EXTRACT_FLAG: { default: true, reason: "Embeddings that are there are not made again." },
  FP16: { default: true, reason: "Networks run in single precision." },
  DEBUG_FLAG: { default: false, reason: "What there is to see is in the report of the run." },
  MULTI_SCALE_FEAT: {
    default: false,
    does: "Embeddings are means over three sizes of an image, 0.707, 1 and 1.414 times its own.",
  },
  MODEL_LIST: {
    default: ["R50"],
    submitted: ["SER101ibn", "RXt101ibn", "ResNeSt101", "ResNeSt269"],
    does: "The networks.",
  },
  MODEL_WEIGHT: { default: [1, 1, 1, 1], does: "Factors of their similarities, in the same order." },
  IMAGE_SIZE: { default: 256, submitted: 512, does: "Height and width that images are squashed to." },
  BATCH_SIZE: { default: 128, submitted: 32, does: "Images of a batch that is embedded." },
  MODEL_PARAMS: {
    default: {
      R50: { MODEL_NAME: "R50_256.pth", BACKBONE: "resnet50" },
      R101ibn: { MODEL_NAME: "R101ibn_384_finetune_c2x.pth", BACKBONE: "resnet101_ibn_a" },
      RXt101ibn: { MODEL_NAME: "RXt101ibn_512_all.pth", BACKBONE: "resnext101_ibn_a" },
      SER101ibn: { MODEL_NAME: "SER101ibn_512_all.pth", BACKBONE: "se_resnet101_ibn_a" },
      ResNeSt101: { MODEL_NAME: "ResNeSt101_512_all.pth", BACKBONE: "resnest101" },
      ResNeSt269: { MODEL_NAME: "ResNeSt269_512_all.pth", BACKBONE: "resnest269" },
      EffNetB7: { MODEL_NAME: "efficientnet-b7_20_512_3796.pth", BACKBONE: "efficientnet-b7" },
    },
    does: "The backbone and the weights of each network.",
  },
};
