import type { DolgGlobalOrder, DolgLocalBranch, EfficientNetName, FusionNorm, SwinName } from "@lmk/models";

/**
 * Files that define a network: the authors' four, `swin` for the plain transformer that hybrids begin with, of which no file
 * was published, and those of the two solutions of 2020 whose EfficientNets are members.
 */
export type NetworkFile =
  | "ch_mdl_dolg_efficientnet"
  | "ch_mdl_hybrid_transformer"
  | "ch_mdl_hybrid_transformer_2x"
  | "ch_mdl_hybrid_transformer_3x"
  | "swin"
  | "effnet_landmark"
  | "efficientnet_gem_fc_face";

/**
 * Train tables: the cleaned images (GLDv2c), all images of the landmarks on the cleaned list (GLDv2x), and all images, which
 * has no name in the original.
 */
export type TrainTable = "train.csv" | "train_gldv2x.csv" | "train_full.csv";

/** One training of a network, by the original's names of settings; those that it lacks are our `ownKeys`. */
export interface NetworkConfig {
  readonly name: string;
  readonly train_df: TrainTable;
  /** Classes of the head. */
  readonly n_classes: number;
  /** Height and width of the images, in pixels; they are squares. */
  readonly img_size: readonly [number, number];
  /** Of red, green and blue: ImageNet's mean and deviation; `none`, the original's default, trains nothing here. */
  readonly normalization: "imagenet" | "none";
  readonly model: NetworkFile;
  readonly backbone: EfficientNetName | SwinName;
  /** The EfficientNet that makes a hybrid's tokens. */
  readonly embedder: EfficientNetName | null;
  /** Stride of the EfficientNet's first convolution; `null` leaves it at 2. */
  readonly stride: readonly [1, 1] | readonly [2, 2] | null;
  /** The EfficientNet's map that a hybrid's tokens are made of, from 0; `null` leaves it to `model` and `stride`. */
  readonly tap: 0 | 1 | 2 | 3 | 4 | null;
  /** Of the local branch's three filters. */
  readonly dilations: readonly [number, number, number];
  /** What DOLG's projection divides by: the length of the global descriptor, as the authors' code, or its square. */
  readonly fusion_norm: FusionNorm;
  /** Whether DOLG's global branch projects before it pools, as the authors' code, or behind it, as their paper draws it. */
  readonly global_order: DolgGlobalOrder;
  /** DOLG's local branch: the authors' three filters, or the five parts of those who invented it. */
  readonly local_branch: DolgLocalBranch;
  /** Whether a hybrid's tokens are normalized before the first block; the authors' code loses that of the transformer. */
  readonly patch_norm: boolean;
  readonly neck: "option-D" | "option-F" | "option-X" | "option-S";
  /** Length of an embedding. */
  readonly embedding_size: 512;
  readonly pool: "gem" | "avg";
  readonly gem_p_trainable: boolean;
  /** Whether the network begins with weights of ImageNet. */
  readonly pretrained: boolean;
  /** The run whose weights this one begins with. */
  readonly pretrained_weights: string | null;
  /** Whether those must be all weights of the network, but for `pop_weights`, and no others. */
  readonly pretrained_weights_strict: boolean;
  /** Parts of the names of weights that are not taken over. */
  readonly pop_weights: readonly string[] | null;
  /** Whether only a part of the network is trained. */
  readonly freeze_backbone_head: boolean;
  /** Parts of the names of what is then trained, for the network with three blocks; the others train `patch_embed`. */
  readonly unfreeze_layers: readonly string[];
  readonly loss: "adaptive_arcface" | "arcface" | "bce";
  /** Scale of the cosines. */
  readonly arcface_s: number;
  /** Margin of `arcface`, in radians. */
  readonly arcface_m: number;
  /** Range of the margins of `adaptive_arcface`, in radians: `arcface_m_y` is the least, the sum of both the largest. */
  readonly arcface_m_x: number;
  readonly arcface_m_y: number;
  readonly label_smoothing: number;
  readonly optimizer: "Adam" | "SGD";
  readonly lr: number;
  readonly weight_decay: number;
  readonly sgd_momentum: number;
  readonly sgd_nesterov: boolean;
  /** `gradual_warmup` is that of the third place of 2020; `constant` that of the second. */
  readonly schedule: "cosine" | "gradual_warmup" | "constant";
  /** Epochs that the rate rises. */
  readonly warmup: number;
  /** Epochs that the schedule is laid out for. */
  readonly epochs: number;
  /** Epochs after which the run ends; −1 for `epochs`. */
  readonly stop_at: number;
  /** Images of a batch on each device. */
  readonly batch_size: number;
  /** Batches whose gradients are averaged for one update. */
  readonly grad_accumulation: number;
  /** Most that the norm of the gradients may be, or each value of them; 0 for no limit. */
  readonly clip_grad: number;
  readonly clip_mode: "norm" | "value";
  /** Whether the last batch of an epoch is left out if it is smaller. */
  readonly drop_last: boolean;
  /** Whether batch norm takes the statistics of all devices together. */
  readonly syncbn: boolean;
}
