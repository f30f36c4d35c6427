import "@tensorflow/tfjs-layers";
import {
  grads,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import golden from "./golden/classification.json" with { type: "json" };

/** Values of the winners' code, PyTorch and pytorch-metric-learning; see golden/make-classification-goldens.py. */
export { golden };

const dimension = 4;

/** A matrix of a golden file's numbers. */
export function matrix(values: readonly number[], columns: number): Tensor2D {
  return tensor2d([...values], [values.length / columns, columns]);
}

interface Head {
  readonly loss: number;
  readonly embeddings: readonly number[];
  readonly weight: readonly number[];
}

/** To 1e-4 of the largest: the references compute the sine without a clamp, in another order, in float32 as well. */
function expectClose(name: string, values: ArrayLike<number>, expected: readonly number[]): void {
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  expect(values.length, name).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(values[i]! - value), `${name}[${i}]: ${values[i]}, ${value}`).toBeLessThan(1e-4 * scale);
  });
}

/** Checks a class-row loss and its gradients against a golden value. */
export function expectGolden(
  expected: Head,
  loss: (embeddings: Tensor2D, weight: Tensor2D, labels: Tensor1D) => Scalar,
  rows: readonly number[] = golden.weight,
  numbers: readonly number[] = golden.labels,
): void {
  tidy(() => {
    const inputs = [matrix(golden.embeddings, dimension), matrix(rows, dimension)] as const;
    const labels = tensor1d([...numbers], "int32");
    expectClose("loss", loss(...inputs, labels).dataSync(), [expected.loss]);
    const [ofEmbeddings, ofWeight] = grads((embeddings, weight) =>
      loss(embeddings as Tensor2D, weight as Tensor2D, labels),
    )([...inputs]);
    expectClose("embeddings' gradient", ofEmbeddings!.dataSync(), expected.embeddings);
    expectClose("weight's gradient", ofWeight!.dataSync(), expected.weight);
  });
}

/** Checks a loss of logits and its gradient against a golden value. */
export function expectLogitsGolden(
  expected: { readonly loss: number; readonly logits: readonly number[] },
  loss: (logits: Tensor2D, labels: Tensor1D) => Scalar,
): void {
  tidy(() => {
    const logits = matrix(golden.logits, 5);
    const labels = tensor1d(golden.labels, "int32");
    expectClose("loss", loss(logits, labels).dataSync(), [expected.loss]);
    const [gradient] = grads((moving) => loss(moving as Tensor2D, labels))([logits]);
    expectClose("gradient", gradient!.dataSync(), expected.logits);
  });
}
