import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import {
  adaFace,
  adaFaceLogits,
  circle,
  circleClassification,
  circleClassificationLogits,
  crossEntropy,
  curricularFace,
  curricularFaceLogits,
  type ElasticFaceOptions,
  elasticFace,
  elasticFaceLogits,
  type MagFaceOptions,
  magFace,
  magFaceLogits,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

interface Golden {
  readonly loss: number;
  readonly logits: readonly number[];
  readonly embeddings: readonly number[];
  readonly weight: readonly number[];
  readonly statistics?: Readonly<Record<string, number>>;
}

interface Inputs {
  readonly embeddings: number[];
  readonly weight: number[];
  readonly labels: number[];
  readonly draws: number[];
  readonly pairLabels: number[];
}

const { inputs, ...goldens } = JSON.parse(
  readFileSync(new URL("golden/adaptive.json", import.meta.url), "utf8"),
) as { readonly inputs: Inputs } & Record<string, Golden>;

const rows = inputs.labels.length;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Holds a tensor against values of the reference, to a share of the largest of each row. */
function expectRows(actual: tf.Tensor, expected: readonly number[], rows: number, tolerance: number): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  const width = expected.length / rows;
  for (let row = 0; row < rows; row++) {
    const wanted = expected.slice(row * width, (row + 1) * width);
    const largest = Math.max(...wanted.map(Math.abs));
    wanted.forEach((value, i) => {
      const difference = Math.abs(values[row * width + i]! - value);
      expect(difference, `[${row}, ${i}]: ${value}`).toBeLessThanOrEqual(tolerance * largest);
    });
  }
}

type Head = (embeddings: tf.Tensor2D, weight: tf.Tensor2D, labels: tf.Tensor1D) => tf.Scalar;
type Statistics = Readonly<Record<string, tf.Tensor>>;

interface Case {
  readonly loss: Head;
  readonly logits: (...head: Parameters<Head>) => tf.Tensor2D;
  readonly statistics?: (...head: Parameters<Head>) => Statistics;
}

function inputTensors(): Parameters<Head> {
  const dimension = inputs.embeddings.length / rows;
  const embeddings = tf.tensor2d(inputs.embeddings, [rows, dimension]);
  const weight = tf.tensor2d(inputs.weight, [inputs.weight.length / dimension, dimension]);
  return [embeddings, weight, tf.tensor1d(inputs.labels, "int32")];
}

const started = (): tf.Scalar => tf.scalar(0.3);
const lengths = (): { mean: tf.Scalar; deviation: tf.Scalar } => ({
  mean: tf.scalar(40),
  deviation: tf.scalar(10),
});

const mag = (options: MagFaceOptions): Case => ({
  loss: (...head) => magFace(...head, options),
  logits: (...head) => magFaceLogits(...head, options),
});

const elastic = (options: ElasticFaceOptions): Case => ({
  loss: (...head) => elasticFace(...head, tf.tensor1d(inputs.draws), options),
  logits: (...head) => elasticFaceLogits(...head, tf.tensor1d(inputs.draws), options),
});

/** With no options but those that choose the variant, so that the defaults are held as well. */
const cases: Readonly<Record<string, Case>> = {
  curricularFace: {
    loss: (...head) => curricularFace(...head, started()).loss,
    logits: (...head) => curricularFaceLogits(...head, started()).logits,
    statistics: (...head) => curricularFace(...head, started()).statistics,
  },
  adaFace: {
    loss: (...head) => adaFace(...head, lengths()).loss,
    logits: (...head) => adaFaceLogits(...head, lengths()).logits,
    statistics: (...head) => adaFace(...head, lengths()).statistics,
  },
  magFace: mag({}),
  "magFace without an easy margin": mag({ beyond: "linear" }),
  elasticFace: elastic({}),
  "elasticFace, sorted": elastic({ plus: true, deviation: 0.0175 }),
  "elasticFace of cosines": elastic({ form: "cos" }),
  "elasticFace of cosines, sorted": elastic({ form: "cos", plus: true, deviation: 0.025 }),
  circleClassification: { loss: circleClassification, logits: circleClassificationLogits },
};

describe.each(Object.entries(cases))("%s", (name, { loss, logits, statistics }) => {
  const golden = goldens[name]!;

  it("gives the authors' loss, logits and gradients", () => {
    tf.tidy(() => {
      const [embeddings, weight, labels] = inputTensors();
      expectRows(logits(embeddings, weight, labels), golden.logits, rows, 1e-6);
      const { value, grads } = tf.valueAndGrads((x: tf.Tensor, w: tf.Tensor) =>
        loss(x as tf.Tensor2D, w as tf.Tensor2D, labels),
      )([embeddings, weight]);
      expectRows(value, [golden.loss], 1, 1e-6);
      expectRows(grads[0]!, golden.embeddings, rows, 1e-5);
      expectRows(grads[1]!, golden.weight, weight.shape[0], 1e-5);
      if (statistics === undefined) return;
      const found = Object.entries(statistics(embeddings, weight, labels));
      expect(Object.fromEntries(found.map(([key, tensor]) => [key, tensor.dataSync()[0]]))).toEqual(
        Object.fromEntries(
          Object.entries(golden.statistics!).map(([key, value]) => [key, expect.closeTo(value, 4)]),
        ),
      );
    });
  });
});

describe.each([
  ["circle", {}],
  ["circle for faces", { margin: 0.25, scale: 256 }],
] as const)("%s", (name, options) => {
  it("gives the loss and gradients of pytorch-metric-learning", () => {
    tf.tidy(() => {
      const embeddings = tf.tensor2d(inputs.embeddings, [rows, inputs.embeddings.length / rows]);
      const labels = tf.tensor1d(inputs.pairLabels, "int32");
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => circle(x as tf.Tensor2D, labels, options))(
        embeddings,
      );
      expectRows(value, [goldens[name]!.loss], 1, 1e-6);
      expectRows(grad, goldens[name]!.embeddings, rows, 1e-5);
    });
  });
});

describe("every one of them", () => {
  const options = { labelSmoothing: 0.1, sampleWeights: [0, 2, 1, 1, 1, 3, 1, 1] };
  const weighed = (): { labelSmoothing: number; sampleWeights: tf.Tensor1D } => ({
    ...options,
    sampleWeights: tf.tensor1d(options.sampleWeights),
  });
  const draws = (): tf.Tensor1D => tf.tensor1d(inputs.draws);
  const losses: Readonly<Record<string, Head>> = {
    curricularFace: (...head) => curricularFace(...head, started(), weighed()).loss,
    adaFace: (...head) => adaFace(...head, lengths(), weighed()).loss,
    magFace: (...head) => magFace(...head, { regularization: 0, ...weighed() }),
    elasticFace: (...head) => elasticFace(...head, draws(), weighed()),
    circleClassification: (...head) => circleClassification(...head, weighed()),
  };

  it.each(Object.entries(losses))("hands %s's options on to the cross-entropy", (name, loss) => {
    tf.tidy(() => {
      const head = inputTensors();
      const expected = crossEntropy(cases[name]!.logits(...head), head[2], weighed()).dataSync()[0]!;
      expect(loss(...head).dataSync()[0]).toBe(expected);
      expect(expected).not.toBeCloseTo(goldens[name]!.loss, 1);
    });
  });
});
