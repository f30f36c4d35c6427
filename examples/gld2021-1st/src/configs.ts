import { networkConfig } from "./default-config.ts";
import type { NetworkConfig } from "./network-config.ts";

/** The published configs: the network, and which step of its recipe it is. */
export type ShippedConfigName =
  | "dolgB7Step1"
  | "dolgB7Step2"
  | "dolgB7Step3"
  | "dolgB5Step3"
  | "dolgB6Step3"
  | "swinB3Step4"
  | "swinB5Step4"
  | "swinB6Step3";

/** What all of the authors' configs share, but for the train table of step 1. */
const shared = {
  train_df: "train_gldv2x.csv",
  neck: "option-D",
  embedding_size: 512,
  normalization: "imagenet",
  pool: "gem",
  gem_p_trainable: true,
  loss: "adaptive_arcface",
  arcface_s: 45,
  arcface_m: 0.3,
} as const;

const dolg = { ...shared, model: "ch_mdl_dolg_efficientnet", warmup: 1 } as const;
const dolgB7 = {
  ...dolg,
  backbone: "tf_efficientnet_b7_ns",
  dilations: [3, 6, 9],
  weight_decay: 1e-4,
} as const;

/** The convolution behind the EfficientNet's map is another than before. */
const swin224 = {
  ...shared,
  backbone: "swin_base_patch4_window7_224",
  epochs: 40,
  stop_at: 16,
  pretrained_weights_strict: false,
  pop_weights: ["patch_embed.proj.weight"],
} as const;

/**
 * The eight configs that the authors published, each with the checkpoint that it names. Such a path is of the authors' machines;
 * the `recipes` chain the same trainings.
 *
 * @see {@link https://github.com/ChristofHenkel/kaggle-landmark-2021-1st-place | `configs/` of the first place}
 */
export const shippedConfigs: Readonly<Record<ShippedConfigName, NetworkConfig>> = {
  dolgB7Step1: networkConfig({
    ...dolgB7,
    name: "cfg_ch_dolg_b7_step1",
    train_df: "train.csv",
    img_size: [256, 256],
    batch_size: 64,
  }),
  dolgB7Step2: networkConfig({
    ...dolgB7,
    name: "cfg_ch_dolg_b7_step2", // names its checkpoint, cfg_ch_b7_dolg_1, in a comment
    img_size: [448, 448],
    epochs: 40,
    stop_at: 29,
    batch_size: 20,
  }),
  dolgB7Step3: networkConfig({
    ...dolgB7,
    name: "cfg_ch_dolg_b7_step3", // names no checkpoint
    stride: [1, 1],
    img_size: [448, 448],
    lr: 5e-5,
    epochs: 15,
    batch_size: 4,
    grad_accumulation: 4,
  }),
  dolgB5Step3: networkConfig({
    ...dolg,
    name: "cfg_ch_dolg_b5_step3", // names its checkpoint, cfg_ch_dolg_2_2head_s2c, in a comment
    backbone: "tf_efficientnet_b5_ns",
    img_size: [768, 768],
    lr: 5e-5,
    epochs: 7,
    batch_size: 10,
  }),
  dolgB6Step3: networkConfig({
    ...dolg,
    name: "cfg_ch_dolg_b6_step3",
    backbone: "tf_efficientnet_b6_ns",
    dilations: [3, 6, 9],
    img_size: [768, 768],
    weight_decay: 1e-4,
    epochs: 7,
    batch_size: 10,
    pretrained: false,
    pretrained_weights: "cfg_ch_dolg_5_s2x/fold0/checkpoint_last_seed826111_e25.pth",
  }),
  swinB3Step4: networkConfig({
    ...swin224,
    name: "cfg_ch_hybrid_swin224_b3_3x_1",
    model: "ch_mdl_hybrid_transformer_3x",
    embedder: "tf_efficientnet_b3_ns",
    img_size: [896, 896],
    batch_size: 12,
    pretrained_weights: "cfg_ch_hybrid_swin224_2x_b3_cutout_s2x/fold0/checkpoint_last_seed428213.pth",
  }),
  swinB5Step4: networkConfig({
    ...swin224,
    name: "cfg_ch_hybrid_swin224_b5_s3x",
    model: "ch_mdl_hybrid_transformer_2x",
    embedder: "tf_efficientnet_b5_ns",
    stride: [1, 1],
    img_size: [448, 448],
    lr: 5e-5,
    warmup: 1,
    batch_size: 8,
    pretrained_weights: "cfg_ch_hybrid_swin224_2x_b5_cutout_s2x/fold0/checkpoint_last_seed248126.pth",
  }),
  swinB6Step3: networkConfig({
    ...shared,
    name: "cfg_ch_hybrid_swin384_b6_s1x_2",
    model: "ch_mdl_hybrid_transformer",
    backbone: "swin_base_patch4_window12_384",
    embedder: "tf_efficientnet_b6_ns",
    img_size: [384, 384],
    lr: 2.5e-4,
    warmup: 1,
    epochs: 40,
    stop_at: 29,
    batch_size: 16,
    pretrained_weights: "cfg_ch_hybrid_swin384_b6_s1x/fold0/checkpoint_last_seed304247_e5.pth",
  }),
};
