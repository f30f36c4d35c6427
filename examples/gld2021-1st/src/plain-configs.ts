import { networkConfig } from "./default-config.ts";
import type { NetworkConfig } from "./network-config.ts";

/** The third place of 2020: mean over places, a linear layer, swish. */
const third = {
  neck: "option-S",
  embedding_size: 512,
  normalization: "imagenet",
  model: "effnet_landmark",
  pool: "avg",
  loss: "adaptive_arcface",
  arcface_s: 80,
  arcface_m: 0.3,
  schedule: "gradual_warmup",
  warmup: 1,
  syncbn: true,
  train_df: "train_gldv2x.csv",
} as const;

/** The recipe of the third place of 2020 begins with all landmarks; step 1 replaces the head. */
const allLandmarks = { train_df: "train_full.csv", n_classes: 203_094 } as const;
const newHead = { pretrained_weights_strict: false, pop_weights: ["metric_classify"] } as const;

/** The second place of 2020: GeM with a power of 3, a linear layer, batch norm, one center for each class. */
const second = {
  neck: "option-X",
  embedding_size: 512,
  normalization: "imagenet",
  model: "efficientnet_gem_fc_face",
  backbone: "tf_efficientnet_b5_ns",
  pool: "gem",
  loss: "arcface",
  arcface_s: 30,
  arcface_m: 0.3,
  label_smoothing: 0.1,
  optimizer: "SGD",
  lr: 0.01,
  weight_decay: 1e-5,
  sgd_nesterov: false,
  schedule: "constant",
  batch_size: 8,
  syncbn: true,
} as const;

/** The trainings of the three EfficientNets that are members as they are, in order. */
export const plainConfigs: Readonly<Record<"b3" | "b5" | "b6", readonly NetworkConfig[]>> = {
  b3: [
    networkConfig({
      ...third,
      ...allLandmarks,
      name: "effnet_b3_256",
      backbone: "tf_efficientnet_b3_ns",
      img_size: [256, 256],
      batch_size: 128,
    }),
    networkConfig({
      ...third,
      ...newHead,
      name: "effnet_b3_544",
      backbone: "tf_efficientnet_b3_ns",
      img_size: [544, 544],
      epochs: 40,
      stop_at: 29,
      batch_size: 17,
    }),
    ...[1, 2].map((part) =>
      networkConfig({
        ...third,
        name: `effnet_b3_768_${part}`,
        backbone: "tf_efficientnet_b3_ns",
        img_size: [768, 768],
        lr: 5e-5,
        epochs: 5,
        batch_size: 22,
      }),
    ),
  ],
  b6: [
    networkConfig({
      ...third,
      ...allLandmarks,
      name: "effnet_b6_256",
      backbone: "tf_efficientnet_b6_ns",
      img_size: [256, 256],
      batch_size: 64,
    }),
    networkConfig({
      ...third,
      ...newHead,
      name: "effnet_b6_512",
      backbone: "tf_efficientnet_b6_ns",
      img_size: [512, 512],
      epochs: 40,
      stop_at: 36, // as the third place's network of 512 pixels; its network of 768 goes on from epoch 28
      batch_size: 22,
    }),
  ],
  // The second place names these sizes and data; how many epochs, and how it came to 704 pixels, is ours.
  b5: [
    networkConfig({
      ...second,
      name: "effnet_b5_448_clean",
      train_df: "train.csv",
      img_size: [448, 448],
      epochs: 6,
    }),
    networkConfig({
      ...second,
      name: "effnet_b5_448",
      train_df: "train_gldv2x.csv",
      img_size: [448, 448],
      epochs: 6,
    }),
    networkConfig({
      ...second,
      name: "effnet_b5_704",
      train_df: "train_gldv2x.csv",
      img_size: [704, 704],
      epochs: 3,
    }),
  ],
};
