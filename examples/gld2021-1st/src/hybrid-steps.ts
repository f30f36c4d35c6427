import { shippedConfigs } from "./configs.ts";
import type { NetworkConfig, NetworkFile } from "./network-config.ts";

/** What the steps of a hybrid need to be told. */
export interface HybridParts {
  /** A published config of the network. */
  readonly last: NetworkConfig;
  /** The file of the network when the EfficientNet's first two blocks have joined it. */
  readonly joined: NetworkFile;
  /** Height and width of the images that this network takes. */
  readonly size: readonly [number, number];
}

const { dolgB7Step1, swinB6Step3 } = shippedConfigs;

/**
 * The three steps before the EfficientNet grows by a block:
 *
 * 1. the transformer with its patches, on small cleaned images;
 * 2. the EfficientNet's first two blocks take the place of the patches and are trained alone, for one epoch;
 * 3. all of it is trained.
 *
 * Rates and batches of step 1 are those of DOLG's, those of the others of the one published step 3. Steps 1 and 2 begin with
 * weights of ImageNet, also where they load those of a step before.
 */
export function hybridSteps(network: string, { last, joined, size }: HybridParts): readonly NetworkConfig[] {
  const { backbone, embedder } = last;
  const side = backbone.endsWith("_384") ? 384 : 224;
  const name = `hybrid_swin${side}_${network}`;
  const { lr, warmup, epochs, batch_size, train_df, img_size } = dolgB7Step1;
  const step1: NetworkConfig = {
    ...last,
    ...{ lr, warmup, epochs, batch_size, train_df, img_size },
    name: `${name}_step1`,
    img_size: [side, side],
    model: "swin",
    embedder: null,
    stride: null,
    stop_at: -1,
    pretrained_weights_strict: true,
    pop_weights: null,
  };
  const step3: NetworkConfig = {
    ...swinB6Step3,
    ...{ backbone, embedder, model: joined, img_size: size },
    name: `${name}_step3`,
    stride: joined === "ch_mdl_hybrid_transformer_2x" ? [2, 2] : null,
  };
  const step2: NetworkConfig = {
    ...step3,
    name: `${name}_step2`,
    freeze_backbone_head: true,
    warmup: 0,
    epochs: 1,
    stop_at: -1,
    pretrained_weights_strict: false,
    pop_weights: ["patch_embed"],
  };
  return [step1, step2, step3];
}
