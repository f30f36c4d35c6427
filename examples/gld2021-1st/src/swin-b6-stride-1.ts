import { shippedConfigs } from "./configs.ts";
import type { NetworkConfig } from "./network-config.ts";

const { swinB5Step4, swinB6Step3 } = shippedConfigs;

/**
 * B6-Swin-384 as the authors' table of results has it: images of 384 with a first stride of 1. No published config is of this
 * network, and none of the authors' files can make it: the tokens have to come from the map that then has stride 4, one deeper
 * than that of {@link shippedConfigs}' `swinB6Step3`. How it is trained is taken from B5's last step, which also changes from a
 * first stride of 2 to 1.
 */
export const swinB6Stride1: NetworkConfig = {
  ...swinB6Step3,
  name: "hybrid_swin384_b6_stride_1",
  stride: [1, 1],
  tap: 2,
  lr: swinB5Step4.lr,
  stop_at: swinB5Step4.stop_at,
  batch_size: swinB5Step4.batch_size,
  pretrained_weights: swinB6Step3.name,
  pretrained_weights_strict: swinB5Step4.pretrained_weights_strict,
  pop_weights: swinB5Step4.pop_weights,
};
