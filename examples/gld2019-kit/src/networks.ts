import { createSizeTemplate, type SizeTemplate, sizeTemplates } from "@lmk/data";
import { arcFace, arcFaceParameters, batchAdaCos, cosFace, softmaxParameters } from "@lmk/losses";
import {
  type Backbone,
  concatenated,
  createEfficientNet,
  createEmbeddingModel,
  createFishNet,
  createResNet,
  type EmbeddingModel,
  type FishNetName,
  fishnetVariants,
  gem,
  linearNeck,
  mac,
  type NamedArrays,
  type Pooling,
  type ResNetName,
  spoc,
} from "@lmk/models";
import { type EmbeddingLoss, softmaxLoss } from "@lmk-example/kit";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { LossConfig, NetworkConfig, TemplatesConfig } from "./config.ts";

/** A network of the ensemble: a backbone, poolings of its maps, a linear layer, batch norm. */
export function createModel(network: NetworkConfig): EmbeddingModel {
  const { dimension } = network;
  return createEmbeddingModel({
    backbone: createBackbone(network),
    pooling: poolingsOf(network),
    neck: dimension === "pooled" ? null : linearNeck({ dimension }),
  });
}

function createBackbone({ backbone, width, depths }: NetworkConfig): Backbone {
  const options = { ...(width === undefined ? {} : { width }), ...(depths === undefined ? {} : { depths }) };
  if (backbone === "tf_efficientnet_lite0") return createEfficientNet(backbone);
  if (backbone in fishnetVariants) return createFishNet(backbone as FishNetName, options);
  return createResNet(backbone as ResNetName, options);
}

/** `"G"` pools the last map; `"SMG,MG,G,G"` pools four, the first of them three times. */
function poolingsOf({ pooling, poolingPower, poolingPowerLearnable }: NetworkConfig): Pooling | Pooling[] {
  const kinds: Readonly<Record<string, Pooling>> = {
    S: spoc(),
    M: mac(),
    G: gem({ power: poolingPower, learnable: poolingPowerLearnable }),
  };
  const ofMaps = pooling.split(",").map((letters) => {
    const poolings = [...letters].map((letter) => kinds[letter]!);
    return poolings.length === 1 ? poolings[0]! : concatenated(poolings);
  });
  return ofMaps.length === 1 ? ofMaps[0]! : ofMaps;
}

/** A loss on a network's embeddings. */
export function createLoss(model: EmbeddingModel, loss: LossConfig): EmbeddingLoss {
  if (loss.kind === "softmax") return softmaxLoss(model);
  return (parameters, inputs, context) => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const labels = inputs.labels as Tensor1D;
    const weight = parameters["final.weight"] as Tensor2D;
    if (loss.kind === "adacos") {
      return { loss: batchAdaCos(embedding, weight, labels, { ...loss, medianOf: "all" }), statistics };
    }
    const margined = loss.kind === "arcface" ? arcFace : cosFace;
    return { loss: margined(embedding, weight, labels, loss), statistics };
  };
}

/** Initial weights of a loss's classifier. */
export function createClassifier(
  loss: LossConfig,
  options: { readonly classes: number; readonly dimension: number; readonly seed: number },
): NamedArrays {
  return loss.kind === "softmax" ? softmaxParameters(options) : arcFaceParameters(options);
}

/** The sizes that images are warped to. */
export function templateOf(config: TemplatesConfig): SizeTemplate {
  if (typeof config === "string") return sizeTemplates[config];
  return createSizeTemplate(
    config.edges,
    config.sizes.map(([width, height]) => ({ width, height })),
  );
}
