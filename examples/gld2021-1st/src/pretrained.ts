import type { EfficientNetName, NamedArrays, SwinName } from "@lmk/models";
import type { NetworkConfig } from "./network-config.ts";
import { isHybrid } from "./tokens.ts";

/** The backbones that a network begins with where weights learned on ImageNet take the place of random ones. */
export type BackboneName = EfficientNetName | SwinName;

/** Weights of backbones by their published names. */
export type PretrainedBackbones = Readonly<Partial<Record<BackboneName, NamedArrays>>>;

/**
 * The backbones whose weights a step takes, with what stands before their names in the network. A step that loads those of the
 * step before needs none, but for hybrids, which grow.
 */
export function backbonesOf(
  config: Pick<NetworkConfig, "model" | "backbone" | "embedder" | "pretrained" | "pretrained_weights">,
): ReadonlyMap<BackboneName, string> {
  const { model, backbone, embedder, pretrained, pretrained_weights } = config;
  const begins = pretrained_weights === null;
  if (isHybrid(config)) {
    const transformer: [BackboneName, string][] = begins ? [[backbone, "backbone."]] : [];
    return new Map(pretrained ? [...transformer, [embedder!, "backbone.patch_embed.backbone."]] : []);
  }
  if (!pretrained || !begins) return new Map();
  const prefix = model === "ch_mdl_dolg_efficientnet" || model === "swin" ? "backbone." : "";
  return new Map([[backbone, prefix]]);
}

/** The weights of backbones by the names that a step's network has for them. */
export function pretrainedWeights(config: NetworkConfig, backbones: PretrainedBackbones): NamedArrays {
  return Object.fromEntries(
    [...backbonesOf(config)].flatMap(([name, prefix]) =>
      Object.entries(backbones[name] ?? {}).map(([key, array]) => [prefix + key, array] as const),
    ),
  );
}
