import type { TestKeys } from "../yml-config.ts";
import type { KeyRows } from "./key-row.ts";

/** Keys of validation. */
export const testKeys: KeyRows<TestKeys> = {
  IMS_PER_BATCH: { default: 128, does: "Images of a batch that is embedded." },
  RE_RANKING: {
    default: false,
    reason: "The original never reads it; re-ranking is set by the settings of inference.",
  },
  WEIGHT: { default: "", reason: "The original never reads it." },
  NECK_FEAT: { default: "after", reason: "The original reads it and does nothing with it." },
  FEAT_NORM: { default: "yes", values: ["yes"], reason: "Embeddings are always compared by their cosines." },
  DIST_MAT: { default: "dist_mat.npy", reason: "The original never reads it." },
  EVAL: { default: false, reason: "The original never reads it." },
  INFERENCE_ONLY: { default: false, reason: "The original never reads it." },
  CBIR_METRIC: { default: false, reason: "Validation is by the mean average precision of the submission." },
};
