import {
  above0,
  angle,
  below1,
  boolean,
  count,
  from0,
  isWhole,
  type KeyRule,
  list,
  oneOf,
  words,
} from "./key-rule.ts";
import type { NetworkConfig } from "./network-config.ts";
import { isHybrid } from "./tokens.ts";

/** Keys that make another network, which is another config and no change of one. */
export const fixedKeys = [
  "name",
  "model",
  "backbone",
  "embedder",
  "neck",
  "embedding_size",
  "n_classes",
  "pool",
] as const;

/** A key of a config that can be changed. */
export type ChangeableKey = Exclude<keyof NetworkConfig, (typeof fixedKeys)[number]>;

const ofDolg = {
  needs: "a DOLG",
  works: ({ model }: NetworkConfig) => model === "ch_mdl_dolg_efficientnet",
};
const ofHybrid = { needs: "a hybrid", works: isHybrid };
const ofAdaptive = {
  needs: "loss adaptive_arcface",
  works: ({ loss }: NetworkConfig) => loss === "adaptive_arcface",
};
const ofSgd = { needs: "optimizer SGD", works: ({ optimizer }: NetworkConfig) => optimizer === "SGD" };

/** The rules of all keys that can be changed. */
export const keyRules: Readonly<Record<ChangeableKey, KeyRule>> = {
  train_df: oneOf("train.csv", "train_gldv2x.csv", "train_full.csv"),
  img_size: list(
    "a square such as [448, 448]",
    ([height, width, ...others]) => isWhole(height) && height > 0 && width === height && others.length === 0,
  ),
  normalization: oneOf("imagenet"),
  stride: {
    ...oneOf(null, [1, 1], [2, 2]),
    needs: "a DOLG, a hybrid of two blocks, or a tap",
    works: ({ model, tap }) =>
      model === "ch_mdl_dolg_efficientnet" || model === "ch_mdl_hybrid_transformer_2x" || tap !== null,
  },
  tap: { ...oneOf(null, 0, 1, 2, 3, 4), ...ofHybrid },
  dilations: {
    ...list(
      "three whole numbers such as [3, 6, 9]",
      (values) => values.length === 3 && values.every((value) => isWhole(value) && value > 0),
    ),
    ...ofDolg,
  },
  fusion_norm: { ...oneOf("l2", "l2_squared"), ...ofDolg },
  global_order: { ...oneOf("project_bn_silu_then_gem", "gem_then_project"), ...ofDolg },
  local_branch: { ...oneOf("3dilated", "aspp5"), ...ofDolg },
  patch_norm: { ...boolean, ...ofHybrid },
  gem_p_trainable: { ...boolean, ...ofDolg },
  pretrained: boolean,
  pretrained_weights: { expected: "None, for --load-from names a file", fits: (value) => value === null },
  pretrained_weights_strict: boolean,
  pop_weights: {
    expected: `None or ${words.expected}`,
    fits: (value) => value === null || words.fits(value),
  },
  freeze_backbone_head: { ...boolean, ...ofHybrid },
  unfreeze_layers: {
    ...words,
    needs: "a hybrid of three blocks with freeze_backbone_head True",
    works: ({ model, freeze_backbone_head }) =>
      model === "ch_mdl_hybrid_transformer_3x" && freeze_backbone_head,
  },
  loss: oneOf("adaptive_arcface", "arcface"),
  arcface_s: above0,
  arcface_m: { ...angle, needs: "loss arcface", works: ({ loss }) => loss === "arcface" },
  arcface_m_x: { ...angle, ...ofAdaptive },
  arcface_m_y: { ...angle, ...ofAdaptive },
  label_smoothing: below1,
  optimizer: oneOf("Adam", "SGD"),
  lr: above0,
  weight_decay: from0,
  sgd_momentum: { ...below1, ...ofSgd },
  sgd_nesterov: { ...boolean, ...ofSgd },
  schedule: oneOf("cosine", "gradual_warmup", "constant"),
  warmup: {
    ...count(0),
    needs: "a schedule that is not constant",
    works: ({ schedule }) => schedule !== "constant",
  },
  epochs: count(1),
  stop_at: {
    expected: "-1 or a whole number of at least 1",
    fits: (value) => value === -1 || count(1).fits(value),
  },
  batch_size: count(1),
  grad_accumulation: count(1),
  clip_grad: from0,
  clip_mode: {
    ...oneOf("norm", "value"),
    needs: "a clip_grad above 0",
    works: ({ clip_grad }) => clip_grad > 0,
  },
  drop_last: boolean,
  syncbn: boolean,
};
