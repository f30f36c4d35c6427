import type { NetworkConfig } from "./network-config.ts";

/** Keys that `default_config.py` has no value for. */
type RequiredKey =
  | "name"
  | "train_df"
  | "img_size"
  | "model"
  | "neck"
  | "embedding_size"
  | "arcface_s"
  | "arcface_m";

/**
 * The values that the original's `default_config.py` ends with: `stride` and `loss` are set twice there. Of the keys that it
 * lacks, those that make what its code does.
 */
export const defaultConfig: Omit<NetworkConfig, RequiredKey> = {
  n_classes: 81_313,
  normalization: "none",
  backbone: "tf_efficientnet_b0_ns",
  embedder: null,
  stride: null,
  tap: null,
  dilations: [6, 12, 18],
  fusion_norm: "l2",
  global_order: "project_bn_silu_then_gem",
  local_branch: "3dilated",
  patch_norm: false,
  pool: "avg",
  gem_p_trainable: false,
  pretrained: true,
  pretrained_weights: null,
  pretrained_weights_strict: true,
  pop_weights: null,
  freeze_backbone_head: false,
  unfreeze_layers: [],
  loss: "bce",
  arcface_m_x: 0.45,
  arcface_m_y: 0.05,
  label_smoothing: 0,
  optimizer: "Adam",
  lr: 1e-4,
  weight_decay: 0,
  sgd_momentum: 0.9,
  sgd_nesterov: true,
  schedule: "cosine",
  warmup: 0,
  epochs: 10,
  stop_at: -1,
  batch_size: 32,
  grad_accumulation: 1,
  clip_grad: 0,
  clip_mode: "norm",
  drop_last: true,
  syncbn: false,
};

/** A config from what differs from {@link defaultConfig}. */
export function networkConfig(
  settings: Pick<NetworkConfig, RequiredKey> & Partial<NetworkConfig>,
): NetworkConfig {
  return { ...defaultConfig, ...settings };
}
