import { add, matMul, sub, type Tensor1D, type Tensor2D, tensor, tidy } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "./model.ts";
import type { NamedArrays } from "./parameters.ts";
import { beginPass } from "./pass.ts";
import { requirePositiveInteger, requireShape } from "./require.ts";
import { unitLength } from "./unit-length.ts";

/** A learned whitening: principal components of embeddings (PCA), or a linear discriminant of matching pairs (Lw). */
export interface Whitening {
  /** Mean of the embeddings it was learned from. */
  readonly mean: Float32Array;
  /** P: a direction per row, the most important first. */
  readonly projection: {
    readonly data: Float32Array;
    readonly rows: number;
    readonly columns: number;
  };
  /**
   * Rows of the projection that are used.
   *
   * @defaultValue all
   */
  readonly dimension?: number;
}

/** Options of {@link withWhitening}. */
export interface WithWhiteningOptions extends Whitening {
  /**
   * Whether embeddings are brought to length 1 before the mean is taken off, as those that it was learned from should have
   * been.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
}

/**
 * Whitens embeddings and brings them to length 1.
 *
 * ```text
 * y = P (x − mean),  y / (‖y‖ + 1e-6)
 * ```
 *
 * @param embeddings - `[N, D]`, normalized if those were that the whitening was learned from.
 * @returns `[N, dimension]`; the caller disposes it.
 * @throws RangeError if `embeddings` is not `[N, D]` with the D columns of the projection, if the mean has another length,
 * or `dimension` is not a whole number from 1 to the projection's rows.
 *
 * @example
 * ```ts
 * import { whiten } from "@lmk/models";
 * import { tensor2d } from "@tensorflow/tfjs-core";
 *
 * const projection = { data: Float32Array.of(0, 1, 2, 0), rows: 2, columns: 2 };
 * whiten(tensor2d([[2, 5]]), { mean: Float32Array.of(0, 2), projection }); // => [[0.6, 0.8]], of [3, 4]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1711.02512 | Radenović et al., Fine-tuning CNN image retrieval with no human
 * annotation}
 */
export function whiten(embeddings: Tensor2D, whitening: Whitening): Tensor2D {
  requireWhitening("whiten", whitening);
  const { columns } = whitening.projection;
  requireShape("whiten", "embeddings", embeddings.shape, ["N", columns]);
  return tidy(() => {
    const { weight, shape } = rowsOf(whitening);
    const centered = sub<Tensor2D>(embeddings, tensor(whitening.mean, [columns]));
    return unitLength(matMul(centered, tensor(weight, shape) as Tensor2D, false, true), 1e-6);
  });
}

/**
 * A model with a whitening behind it as one more linear layer, which can be trained further.
 *
 * Its parameters are those of Radenović's networks, `whiten.weight` `[dimension, D]` and `whiten.bias`; they begin as P and
 * −P · mean. As with every model, embeddings are not normalized: brought to length 1 they are what {@link whiten} gives.
 *
 * @throws RangeError as {@link whiten}, with the model's dimension as D.
 *
 * @example
 * ```ts
 * import { createEmbeddingModel, createResNet, withWhitening } from "@lmk/models";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet50"), neck: null });
 * const projection = { data: new Float32Array(256 * 2048).fill(1), rows: 256, columns: 2048 };
 * const whitened = withWhitening(model, { mean: new Float32Array(2048), projection, dimension: 128 });
 * whitened.dimension; // => 128
 * whitened.shapes["whiten.weight"]; // => [128, 2048]
 * ```
 */
export function withWhitening(model: EmbeddingModel, options: WithWhiteningOptions): EmbeddingModel {
  requireWhitening("withWhitening", options);
  const { normalize = true, mean, projection } = options;
  if (projection.columns !== model.dimension) {
    throw new RangeError(
      `withWhitening: expected \`projection\` to have the model's ${model.dimension} columns, got ${projection.columns}`,
    );
  }
  const { weight, shape } = rowsOf(options);
  const [dimension, columns] = shape;
  const bias = Float32Array.from({ length: dimension }, (_, row) => {
    const direction = weight.subarray(row * columns, (row + 1) * columns);
    return -direction.reduce((sum, value, i) => sum + value * mean[i]!, 0);
  });
  const arrays: NamedArrays = {
    "whiten.weight": { shape, data: weight },
    "whiten.bias": { shape: [dimension], data: bias },
  };
  const shapes = { "whiten.weight": shape, "whiten.bias": [dimension] };
  return {
    ...model,
    dimension,
    shapes: { ...model.shapes, ...shapes },
    initialize: (initializeOptions) => ({
      ...model.initialize(initializeOptions),
      ...Object.fromEntries(
        Object.entries(arrays).map(([name, array]) => [name, { ...array, data: array.data.slice() }]),
      ),
    }),
    apply(parameters, images, applyOptions = {}) {
      return tidy(() => {
        const pass = beginPass(model.name, shapes, parameters, applyOptions);
        const { embedding, statistics } = model.apply(parameters, images, applyOptions);
        const vectors = normalize ? unitLength(embedding, 1e-6) : embedding;
        const product = matMul(vectors, pass.parameters["whiten.weight"] as Tensor2D, false, true);
        return { embedding: add<Tensor2D>(product, pass.parameters["whiten.bias"] as Tensor1D), statistics };
      });
    },
  };
}

/** The rows of the projection that are used. */
function rowsOf({ projection, dimension }: Whitening): {
  readonly weight: Float32Array;
  readonly shape: [number, number];
} {
  const rows = dimension ?? projection.rows;
  return {
    weight: projection.data.subarray(0, rows * projection.columns),
    shape: [rows, projection.columns],
  };
}

function requireWhitening(caller: string, { mean, projection, dimension }: Whitening): void {
  const { data, rows, columns } = projection;
  if (data.length !== rows * columns) {
    throw new RangeError(
      `${caller}: expected \`projection\` to hold ${rows} × ${columns} values, got ${data.length}`,
    );
  }
  if (mean.length !== columns) {
    throw new RangeError(`${caller}: expected \`mean\` to have length ${columns}, got ${mean.length}`);
  }
  if (dimension === undefined) return;
  requirePositiveInteger(caller, "dimension", dimension);
  if (dimension > rows) {
    throw new RangeError(
      `${caller}: expected \`dimension\` to be at most the projection's ${rows} rows, got ${dimension}`,
    );
  }
}
