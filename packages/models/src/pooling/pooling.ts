import { concat, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { together, type VectorLayer } from "../layers/vector-layer.ts";
import { requireAbove } from "../require.ts";
import { generalizedMeanPooling } from "./generalized-mean-pooling.ts";
import { averageMaxPooling, globalAveragePooling, globalMaxPooling } from "./global-pooling.ts";
import {
  type RegionalMaxPoolingOptions,
  regionalMaxPooling,
  requireRegional,
} from "./regional-max-pooling.ts";

/** How a model makes vectors of its maps of features; {@link gem} and the others beside it describe one. */
export interface Pooling {
  /** The pooling of maps with so many channels; its parameters' names begin with `name`, unless it has one of its own. */
  readonly layer: (name: string, channels: number) => VectorLayer<Tensor4D>;
}

/** Options of {@link gem}. */
export interface GemOptions {
  /**
   * Power of the mean; what a learnable one begins with.
   *
   * @defaultValue 3
   */
  readonly power?: number;
  /**
   * `true` makes the power a parameter `NAME.p` of shape `[1]`, `"perChannel"` one of shape `[C]`.
   *
   * @defaultValue false
   */
  readonly learnable?: boolean | "perChannel";
  /**
   * Features below this are raised to it.
   *
   * @defaultValue 1e-6
   */
  readonly epsilon?: number;
  /**
   * NAME of the parameter: `"pool"` in Radenović's networks, `"global_pool"` in the 2020 and 2021 winners'.
   *
   * @defaultValue what the model calls it: `"pooling"`
   */
  readonly name?: string;
}

/**
 * Describes {@link generalizedMeanPooling}.
 *
 * @throws RangeError if `power` or `epsilon` is not above 0.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, gem } from "@lmk/models";
 *
 * const pooling = gem({ learnable: true, name: "global_pool" });
 * createEmbeddingModel({ backbone: createResNet("resnet50"), pooling }).shapes["global_pool.p"]; // => [1]
 * ```
 */
export function gem(options: GemOptions = {}): Pooling {
  const { power = 3, learnable = false, epsilon = 1e-6, name: ownName } = options;
  requireAbove("gem", "power", power);
  requireAbove("gem", "epsilon", epsilon);
  if (!learnable) return fixed((features) => generalizedMeanPooling(features, { power, epsilon }));
  return {
    layer(name, channels) {
      const parameter = `${ownName ?? name}.p`;
      const shape = [learnable === "perChannel" ? channels : 1];
      return {
        dimension: channels,
        shapes: { [parameter]: shape },
        initialize: () => ({ [parameter]: { shape, data: new Float32Array(shape[0]!).fill(power) } }),
        apply: ({ parameters }, features) =>
          generalizedMeanPooling(features, { power: parameters[parameter]!, epsilon }),
      };
    },
  };
}

/**
 * Describes {@link globalAveragePooling}.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, spoc } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * createEmbeddingModel({ backbone, pooling: spoc(), neck: null }).dimension; // => 2048
 * ```
 */
export function spoc(): Pooling {
  return fixed(globalAveragePooling);
}

/**
 * Describes {@link globalMaxPooling}.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, mac } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * createEmbeddingModel({ backbone, pooling: mac(), neck: null }).dimension; // => 2048
 * ```
 */
export function mac(): Pooling {
  return fixed(globalMaxPooling);
}

/**
 * Describes {@link averageMaxPooling}.
 *
 * @example
 * ```ts
 * import { averageMax, createEmbeddingModel, createResNet, fcNeck } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * createEmbeddingModel({ backbone, pooling: averageMax(), neck: fcNeck() }).dimension; // => 512
 * ```
 */
export function averageMax(): Pooling {
  return fixed(averageMaxPooling);
}

/**
 * Describes {@link regionalMaxPooling}.
 *
 * @throws RangeError if `levels` is not a whole number above 0, `epsilon` is not above 0, or `overlap` is not between 0
 * and 1.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, rmac } from "@lmk/models";
 *
 * const backbone = createResNet("resnet101");
 * createEmbeddingModel({ backbone, pooling: rmac({ levels: 3 }), neck: null }).dimension; // => 2048
 * ```
 */
export function rmac(options: RegionalMaxPoolingOptions = {}): Pooling {
  requireRegional("rmac", options);
  return fixed((features) => regionalMaxPooling(features, options));
}

/**
 * Describes several poolings of the same map, their vectors one after another. Parameters of the first are called
 * `NAME.0.p`, of the second `NAME.1.p`, and so on.
 *
 * @throws RangeError if `poolings` is empty.
 *
 * @example
 * ```ts
 * import { concatenated, createEmbeddingModel, createResNet, gem, mac, spoc } from "@lmk/models";
 *
 * const pooling = concatenated([spoc(), mac(), gem()]); // "SMG" in the 2019 winners' code
 * createEmbeddingModel({ backbone: createResNet("resnet18"), pooling, neck: null }).dimension; // => 1536
 * ```
 */
export function concatenated(poolings: readonly Pooling[]): Pooling {
  if (poolings.length === 0)
    throw new RangeError("concatenated: expected `poolings` to hold at least one pooling, got none");
  const all = [...poolings];
  return {
    layer(name, channels) {
      const layers = all.map((pooling, i) => pooling.layer(`${name}.${i}`, channels));
      return {
        ...together("concatenated", layers),
        apply: (pass, features) =>
          concat(
            layers.map((layer) => layer.apply(pass, features)),
            1,
          ),
      };
    },
  };
}

/** A pooling without parameters that keeps the number of channels. */
function fixed(pool: (features: Tensor4D) => Tensor2D): Pooling {
  return {
    layer: (_name, channels) => ({
      dimension: channels,
      shapes: {},
      initialize: () => ({}),
      apply: (_pass, features) => pool(features),
    }),
  };
}
