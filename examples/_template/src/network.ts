import { createEfficientNet, createEmbeddingModel, type EmbeddingModel, gem, linearNeck } from "@lmk/models";
import type { Config } from "./config.ts";

/** The network: a backbone, GeM pooling, a linear layer to 256 numbers. */
export function createNetwork({ network }: Pick<Config, "network">): EmbeddingModel {
  return createEmbeddingModel({
    backbone: createEfficientNet("tf_efficientnet_b0_ns", network),
    pooling: gem(),
    neck: linearNeck({ dimension: 256 }),
  });
}
