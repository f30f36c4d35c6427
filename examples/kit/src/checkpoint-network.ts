import {
  averageMax,
  type Backbone,
  batchNormNeck,
  createEfficientNet,
  createEmbeddingModel,
  createFishNet,
  createMobileNetV3,
  createResNeSt,
  createResNet,
  createReXNet,
  createSwin,
  type EfficientNetName,
  type EmbeddingModel,
  efficientnetVariants,
  type FishNetName,
  fcNeck,
  fishnetVariants,
  gem,
  linearNeck,
  type MobileNetV3Name,
  mac,
  mobilenetV3Variants,
  type NamedArrays,
  type Neck,
  type Pooling,
  type ResNeStName,
  type ResNetName,
  type ReXNetName,
  resnestVariants,
  resnetVariants,
  rexnetVariants,
  rmac,
  type SwinName,
  spoc,
  swinVariants,
  withWhitening,
} from "@lmk/models";
import { matchWeights, readCheckpoint } from "@lmk/models/checkpoints";
import { networkNames } from "./checkpoint-names.ts";
import { UserError } from "./user-error.ts";

/** Poolings of a checkpoint's network. */
export const poolingNames = ["gem", "spoc", "mac", "rmac", "average-max"] as const;

/** What a checkpoint's file does not say. */
export interface CheckpointNetworkOptions {
  readonly checkpoint: string;
  readonly backbone: string;
  /** @defaultValue "gem" */
  readonly pooling?: (typeof poolingNames)[number];
  /**
   * Power of a generalized mean that the checkpoint does not hold.
   *
   * @defaultValue 3
   */
  readonly power?: number;
  /** Length of an embedding, to be checked; `undefined` takes what the checkpoint has. */
  readonly dimension?: number;
}

/** A network with a checkpoint's weights. */
export interface CheckpointNetwork {
  readonly model: EmbeddingModel;
  readonly weights: NamedArrays;
}

/** Every backbone that a checkpoint can be of. */
export const backboneNames: readonly string[] = [
  resnetVariants,
  resnestVariants,
  fishnetVariants,
  efficientnetVariants,
  rexnetVariants,
  mobilenetV3Variants,
  swinVariants,
].flatMap((variants) => Object.keys(variants));

/**
 * Reads a checkpoint of a backbone, with the head that it holds: none, a linear layer and batch norm (the 2019 winners'
 * `fc` and `bn`, or this project's `neck.fc` and `neck.bn`), `fcneck`, `bottleneck`, or Radenović's `whiten`. Names may be
 * this project's, those of the backbone's source, or those of the 2019 winners and of Radenović, who number the parts of
 * their ResNets. Classifiers are left out.
 */
export async function readCheckpointNetwork(options: CheckpointNetworkOptions): Promise<CheckpointNetwork> {
  const { checkpoint, backbone: name, dimension } = options;
  const read = await readCheckpoint(checkpoint);
  const rename = networkNames(Object.keys(read.arrays), Object.hasOwn(resnetVariants, name));
  const renamed = Object.entries(read.arrays).flatMap(([from, array]) => {
    const to = rename(from);
    return to === undefined ? [] : [[to, array] as const];
  });
  const arrays = neckNames(Object.fromEntries(renamed));
  const backbone = createBackbone(name, arrays);
  const model = modelOf(backbone, arrays, options);
  if (dimension !== undefined && dimension !== model.dimension) {
    throw new UserError(
      `${checkpoint}: expected embeddings of ${dimension} numbers, got a head of ${model.dimension}; leave --dimension out`,
    );
  }
  const own = (array: string): boolean => Object.hasOwn(model.shapes, array);
  const drop = backbone.classifier.filter((array) => !own(array));
  return { model, weights: matchWeights(model.shapes, arrays, { drop }) };
}

/** The winners' `fc` and `bn` as `neck.fc` and `neck.bn`; a lone `fc` is a classifier. */
function neckNames(arrays: NamedArrays): NamedArrays {
  if (!Object.hasOwn(arrays, "fc.weight") || !Object.hasOwn(arrays, "bn.weight")) return arrays;
  const entries = Object.entries(arrays);
  return Object.fromEntries(entries.map(([name, array]) => [name.replace(/^(fc|bn)\./, "neck.$1."), array]));
}

function modelOf(backbone: Backbone, arrays: NamedArrays, options: CheckpointNetworkOptions): EmbeddingModel {
  const { checkpoint } = options;
  const pooling = poolingOf(arrays, options);
  const rows = (name: string): number | undefined => arrays[name]?.shape[0];
  const whitened = rows("whiten.weight");
  const neck = neckOf(rows);
  const model = createEmbeddingModel({ backbone, pooling, neck });
  if (whitened === undefined) return model;
  if (neck !== null) {
    throw new UserError(`${checkpoint}: expected one head, got whiten.weight beside another; see its names`);
  }
  const columns = model.dimension;
  const projection = { data: new Float32Array(whitened * columns), rows: whitened, columns };
  return withWhitening(model, { mean: new Float32Array(columns), projection });
}

function neckOf(rows: (name: string) => number | undefined): Neck | null {
  const linear = rows("neck.fc.weight");
  if (linear !== undefined)
    return linearNeck({ dimension: linear, bias: rows("neck.fc.bias") !== undefined });
  const fc = rows("fcneck.weight");
  if (fc !== undefined) return fcNeck({ dimension: fc });
  return rows("bottleneck.weight") === undefined ? null : batchNormNeck();
}

function poolingOf(arrays: NamedArrays, options: CheckpointNetworkOptions): Pooling {
  const { pooling = "gem", power = 3 } = options;
  switch (pooling) {
    case "spoc":
      return spoc();
    case "mac":
      return mac();
    case "rmac":
      return rmac();
    case "average-max":
      return averageMax();
    case "gem": {
      const name = ["pooling", "pool", "global_pool"].find((one) => Object.hasOwn(arrays, `${one}.p`));
      if (name === undefined) return gem({ power });
      const perChannel = arrays[`${name}.p`]!.data.length > 1;
      return gem({ learnable: perChannel ? "perChannel" : true, name });
    }
  }
}

function createBackbone(name: string, arrays: NamedArrays): Backbone {
  if (Object.hasOwn(resnetVariants, name)) return createResNet(name as ResNetName, widthOf(arrays));
  if (Object.hasOwn(resnestVariants, name)) return createResNeSt(name as ResNeStName);
  if (Object.hasOwn(fishnetVariants, name)) return createFishNet(name as FishNetName);
  if (Object.hasOwn(efficientnetVariants, name)) return createEfficientNet(name as EfficientNetName);
  if (Object.hasOwn(rexnetVariants, name)) return createReXNet(name as ReXNetName);
  if (Object.hasOwn(mobilenetV3Variants, name)) return createMobileNetV3(name as MobileNetV3Name);
  if (Object.hasOwn(swinVariants, name)) return createSwin(name as SwinName);
  throw new UserError(`--backbone: expected one of ${backboneNames.join(", ")}, got ${name}`);
}

/** The channels of a ResNet's first convolution, which narrow networks have fewer of. */
function widthOf(arrays: NamedArrays): { readonly width?: number } {
  const first = arrays["conv1.weight"] ?? arrays["layer0.conv1.weight"];
  return first === undefined ? {} : { width: first.shape[0]! };
}
