import type { DataloaderKeys, DatasetsKeys, UdaKeys } from "../yml-config.ts";
import type { KeyRows } from "./key-row.ts";

/** Keys of the data sets. */
export const datasetsKeys: KeyRows<DatasetsKeys> = {
  NAMES: { default: "market1501", reason: "The images are those of `DATALOADER.CACHE_LIST`." },
  ROOT_DIR: { default: "../data", reason: "The original never reads it." },
  ROOT_TRAIN_DIR: {
    default: "../data",
    reason:
      "Read without a list only, for images whose file names hold their classes; here there is always a list.",
  },
  ROOT_VAL_DIR: {
    default: "../data",
    reason: "The validation images of an earlier task; here validation is by the expanded index.",
  },
};

/** Keys of how images are loaded and drawn. */
export const dataloaderKeys: KeyRows<DataloaderKeys> = {
  CACHE_LIST: { default: "", does: "The list of training images, a file that `generate-list` writes." },
  NUM_WORKERS: { default: 8, reason: "Images are decoded by the threads of the process." },
  SAMPLER: {
    default: "softmax",
    values: ["softmax", "gld", "id_uniform", "img_uniform"],
    does: "How images are drawn: all of them once, by continent, or some of each class.",
  },
  NUM_INSTANCE: {
    default: 16,
    does: "Images of each class that `id_uniform` and `img_uniform` draw together.",
  },
  REMOVE_TAIL: { default: 0, does: "Classes with fewer images are not drawn." },
};

/** Keys of a task without labels. */
export const udaKeys: KeyRows<UdaKeys> = {
  PSOLABEL_PERIOD: { default: 6, reason: "The original never reads it." },
  CLUSTER_EPS: { default: 0.15, reason: "The original never reads it." },
  CLUSTER_MIN_SAMPLES: { default: 2, reason: "The original never reads it." },
};
