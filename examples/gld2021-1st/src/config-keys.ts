import type { NetworkConfig } from "./network-config.ts";
import { type UnusedKeyMeaning, unusedKeys } from "./unused-keys.ts";

/** What the keys do that the original's configs lack. */
export const ownKeys = {
  tap: "the EfficientNet's map that a hybrid's tokens are made of; None leaves it to model and stride",
  fusion_norm: "what DOLG's projection divides by",
  global_order: "whether DOLG's global branch projects before it pools",
  local_branch: "the convolutions of DOLG's local branch",
  patch_norm: "whether a hybrid's tokens are normalized first",
} as const;

/** Keys of the original's configs that a {@link NetworkConfig} has. */
export type UsedKey = Exclude<keyof NetworkConfig, keyof typeof ownKeys>;

/** What each key does here. */
export const usedKeys: Readonly<Record<UsedKey, string>> = {
  name: "names the files of the run",
  train_df: "the train table: cleaned images, all of their landmarks, or all",
  n_classes: "classes of the head in the published data; other data has its own number",
  img_size: "side of the square that images are warped to",
  normalization: "mean and deviation of the colors; those of ImageNet, as in all configs",
  model: "which network",
  backbone: "its EfficientNet, or the transformer of a hybrid",
  embedder: "the EfficientNet of a hybrid",
  stride: "stride of the EfficientNet's first convolution",
  dilations: "of the local branch of DOLG",
  neck: "the layers behind a hybrid's pooling; the other networks have one neck each",
  embedding_size: "length of an embedding; 512 in all networks",
  pool: "what the network pools by; each has one pooling, and hybrids never use what the key says",
  gem_p_trainable: "whether DOLG learns the power of its pooling; here it does",
  pretrained: "whether the run begins with weights of ImageNet",
  pretrained_weights:
    "the run whose weights this one begins with, by its name instead of a path; --load-from names a file",
  pretrained_weights_strict: "whether all of those must fit",
  pop_weights: "parts of the names of weights that are not taken over",
  freeze_backbone_head: "whether a hybrid trains only what makes its tokens",
  unfreeze_layers: "what the hybrid with three blocks trains then",
  loss: "ArcFace with margins by class or one margin; bce, the default, trains nothing and is refused",
  arcface_s: "scale of the cosines",
  arcface_m: "margin of arcface",
  arcface_m_x: "range of the margins of adaptive_arcface",
  arcface_m_y: "the least of them",
  label_smoothing: "of the cross-entropy; the original's networks ignore it",
  optimizer: "Adam or SGD",
  lr: "learning rate after the warm-up",
  weight_decay: "of the optimizer",
  sgd_momentum: "of SGD",
  sgd_nesterov: "of SGD",
  schedule: "how the learning rate falls",
  warmup: "epochs that it rises before",
  epochs: "epochs that the schedule is laid out for",
  stop_at: "epoch after which the run ends; -1 for the last",
  batch_size: "images of a batch on each device",
  grad_accumulation: "batches whose gradients are averaged for one update",
  clip_grad: "most that the gradients may be; 0 for no limit",
  clip_mode: "whether that is their norm or each value",
  drop_last: "whether a smaller last batch is left out",
  syncbn: "whether batch norm takes the statistics of all devices",
};

/** What a key means here. */
export type KeyMeaning =
  /** Of the original's configs, or of ours alone. */
  | { readonly kind: "used" | "own"; readonly does: string }
  | {
      readonly kind: "unused";
      readonly reason: string;
      /** The original's values, in words. */
      readonly original: string;
    };

/** What a key of a config means here; `undefined` if neither a config of the original nor of ours has such a key. */
export function keyMeaning(key: string): KeyMeaning | undefined {
  if (Object.hasOwn(usedKeys, key)) return { kind: "used", does: usedKeys[key as UsedKey] };
  if (Object.hasOwn(ownKeys, key)) return { kind: "own", does: ownKeys[key as keyof typeof ownKeys] };
  const unused = Object.hasOwn(unusedKeys, key) ? unusedKeys[key] : undefined;
  return unused && { kind: "unused", reason: unused.reason, original: originalValues(unused) };
}

function originalValues({ value, inConfigs }: UnusedKeyMeaning): string {
  const configs = inConfigs && `in ${inConfigs.of} ${JSON.stringify(inConfigs.value)}`;
  return [value === undefined ? "no default" : `default ${JSON.stringify(value)}`, configs]
    .filter((part) => part !== undefined)
    .join(", ");
}
