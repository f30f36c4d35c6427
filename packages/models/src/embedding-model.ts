import { concat, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { shapesOf } from "./layers/layer.ts";
import { requireOwnNames, together, type VectorLayer } from "./layers/vector-layer.ts";
import type { ApplyOptions, Backbone, EmbeddingModel } from "./model.ts";
import { linearNeck } from "./necks/linear-neck.ts";
import type { Neck } from "./necks/neck.ts";
import { beginPass, type Pass } from "./pass.ts";
import { gem, type Pooling } from "./pooling/pooling.ts";

/** Options of {@link createEmbeddingModel}. */
export interface EmbeddingModelOptions {
  readonly backbone: Backbone;
  /**
   * How features become one vector. One pooling pools the backbone's last map; an array has one for each of its maps, from
   * the finest to the last, with `null` for a map that is left out, and the vectors come one after another.
   *
   * @defaultValue `gem()`, the last map with a fixed power of 3
   */
  readonly pooling?: Pooling | readonly (Pooling | null)[];
  /**
   * The layers behind the pooling; `null` makes the pooled vector the embedding.
   *
   * @defaultValue `linearNeck()`, a linear layer to 512 values and batch norm
   */
  readonly neck?: Neck | null;
}

/**
 * A model from images to embeddings: backbone, pooling, neck. Its defaults are the 2019 retrieval model's.
 *
 * Parameters keep the backbone's names; behind them come those of the pooling, `pooling.p`, or `pooling.LEVEL.p` for the
 * pooling of the backbone's map LEVEL, and those of the neck. Embeddings are not normalized here: losses and searches do
 * that.
 *
 * @returns The model; `frozen` names the parameters that training should leave as they are.
 * @throws RangeError if an array of poolings is not as long as the backbone's levels or is all `null`, or if two parts have
 * a parameter of the same name.
 *
 * @example
 * ```ts
 * import { concatenated, createEmbeddingModel, createFishNet, createResNet, gem, mac, spoc } from "@lmk/models";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet101") });
 * model.shapes["neck.fc.weight"]; // => [512, 2048]
 *
 * const backbone = createFishNet("fishnet150");
 * const all = createEmbeddingModel({ backbone, pooling: [gem(), gem(), gem(), gem()] }); // "G,G,G,G"
 * all.shapes["neck.fc.weight"]; // => [512, 4864]
 *
 * const pooling = [concatenated([spoc(), mac(), gem()]), concatenated([mac(), gem()]), gem(), gem()]; // "SMG,MG,G,G"
 * createEmbeddingModel({ backbone, pooling, neck: null }).dimension; // => 6336
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale landmark retrieval/recognition under a noisy
 * and diverse dataset}
 */
export function createEmbeddingModel(options: EmbeddingModelOptions): EmbeddingModel {
  const { backbone, pooling = gem(), neck = linearNeck() } = options;
  const pooled = poolingOf(backbone, pooling);
  const behind = neck?.layer(pooled.dimension);
  const parts = behind ? [pooled, behind] : [pooled];
  const shapes = shapesOf(parts);
  requireOwnNames("createEmbeddingModel", [backbone, ...parts]);

  return {
    name: backbone.name,
    dimension: parts.at(-1)!.dimension,
    stride: backbone.stride,
    classifier: backbone.classifier,
    shapes: { ...backbone.shapes, ...shapes },
    frozen: behind?.frozen ?? [],
    initialize: (seed) => Object.assign({}, ...[backbone, ...parts].map((part) => part.initialize(seed))),
    apply(parameters, images, applyOptions: ApplyOptions = {}) {
      return tidy(() => {
        const { levels, statistics } = backbone.apply(parameters, images, applyOptions);
        const pass = beginPass(backbone.name, shapes, parameters, applyOptions);
        const vector = pooled.apply(pass, levels);
        const embedding = behind ? behind.apply(pass, vector) : vector;
        return { embedding, statistics: { ...statistics, ...pass.statistics } };
      });
    },
  };
}

/** A pooling of a backbone's maps. */
interface LevelsLayer extends Omit<VectorLayer, "apply"> {
  readonly apply: (pass: Pass, levels: readonly Tensor4D[]) => Tensor2D;
}

function poolingOf(backbone: Backbone, pooling: Pooling | readonly (Pooling | null)[]): LevelsLayer {
  if ("layer" in pooling) {
    const layer = pooling.layer("pooling", backbone.channels);
    return { ...layer, apply: (pass, levels) => layer.apply(pass, levels.at(-1)!) };
  }
  const count = backbone.levels.length;
  const isPooled = pooling.some((one) => one !== null);
  if (pooling.length !== count || !isPooled) {
    const got = isPooled ? `${pooling.length}` : "none";
    throw new RangeError(
      `createEmbeddingModel: expected \`pooling\` to be one pooling or one for each of ${count} levels, got ${got}`,
    );
  }
  const layers = pooling.map((one, i) => one?.layer(`pooling.${i}`, backbone.levels[i]!.channels));
  const used = layers.filter((layer) => layer !== undefined);
  return {
    ...together("createEmbeddingModel", used),
    apply: (pass, levels) => {
      const vectors = layers.flatMap((layer, i) => (layer ? [layer.apply(pass, levels[i]!)] : []));
      return vectors.length === 1 ? vectors[0]! : concat(vectors, 1);
    },
  };
}
