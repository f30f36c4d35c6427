import {
  createDolg,
  createEfficientNet,
  createEmbeddingModel,
  createHybridSwin,
  createSwin,
  type EfficientNetName,
  type EmbeddingModel,
  efficientnetVariants,
  gem,
  linearNeck,
  type NeckOption,
  optionNeck,
  type SwinName,
  spoc,
  swinVariants,
  swishNeck,
} from "@lmk/models";
import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize, TransformerSize } from "./network-size.ts";
import { prefixedBackbone } from "./prefixed-backbone.ts";
import { tokensOf } from "./tokens.ts";

/**
 * The network of a config, from images to 512 numbers that are not normalized, with its authors' parameter names.
 *
 * @throws UserError if the config names an EfficientNet where a transformer is needed, or the other way round, or a hybrid that
 * the original cannot make.
 */
export function createNetwork(config: NetworkConfig, size: NetworkSize = {}): EmbeddingModel {
  switch (config.model) {
    case "ch_mdl_dolg_efficientnet":
      return createDolg({
        backbone: efficientNetOf(config, "backbone", size),
        stemStride: config.stride?.[0] ?? 2,
        dilations: config.dilations,
        fusionNorm: config.fusion_norm,
        globalOrder: config.global_order,
        localBranch: config.local_branch,
        ...factorsOf(size),
        ...(size.channels === undefined ? {} : { channels: size.channels }),
      });
    case "swin":
      return createPlainSwin(config, size);
    case "effnet_landmark":
      return createEmbeddingModel({
        backbone: createPlainEfficientNet(config, size),
        pooling: spoc(),
        neck: swishNeck(),
      });
    case "efficientnet_gem_fc_face":
      return createEmbeddingModel({
        backbone: createPlainEfficientNet(config, size),
        pooling: gem(),
        neck: linearNeck(),
      });
    default:
      return createHybrid(config, size);
  }
}

function createHybrid(config: NetworkConfig, size: NetworkSize): EmbeddingModel {
  const { tap, stemStride } = tokensOf(config);
  const { name, ...geometry } = transformerOf(config, size);
  const { width, depth } = size;
  return createHybridSwin({
    embedder: efficientNetOf(config, "embedder", size),
    tap,
    stemStride,
    patchNorm: config.patch_norm,
    ...(width === undefined ? {} : { embedderWidth: width }),
    ...(depth === undefined ? {} : { embedderDepth: depth }),
    transformer: name,
    ...geometry,
    neck: neckOf(config),
  });
}

/** The transformer that a hybrid begins with: with patches, and else with the hybrid's names. */
function createPlainSwin(config: NetworkConfig, size: NetworkSize): EmbeddingModel {
  const { name, ...geometry } = transformerOf(config, size);
  return createEmbeddingModel({
    backbone: prefixedBackbone("backbone.", createSwin(name, geometry)),
    pooling: spoc(),
    neck: optionNeck(neckOf(config)),
  });
}

function createPlainEfficientNet(config: NetworkConfig, size: NetworkSize) {
  return createEfficientNet(efficientNetOf(config, "backbone", size), factorsOf(size));
}

function factorsOf({ width, depth }: NetworkSize): Pick<NetworkSize, "width" | "depth"> {
  return { ...(width === undefined ? {} : { width }), ...(depth === undefined ? {} : { depth }) };
}

function neckOf({ neck }: NetworkConfig): NeckOption {
  return neck.slice("option-".length) as NeckOption;
}

function efficientNetOf(
  config: NetworkConfig,
  key: "backbone" | "embedder",
  { efficientNet }: NetworkSize,
): EfficientNetName {
  const name = config[key];
  if (name !== null && name in efficientnetVariants) return efficientNet ?? (name as EfficientNetName);
  throw new UserError(`${config.name}: expected ${key} to be an EfficientNet, got ${name}; correct it`);
}

function transformerOf(
  { name, backbone }: NetworkConfig,
  { transformer }: NetworkSize,
): Pick<TransformerSize, "name"> & Partial<TransformerSize> {
  if (backbone in swinVariants) return transformer ?? { name: backbone as SwinName };
  throw new UserError(`${name}: expected backbone to be a Swin transformer, got ${backbone}; correct it`);
}
