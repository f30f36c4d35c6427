import type { NamedArrays } from "@lmk/losses";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** What a loss is made for. */
export interface Problem {
  readonly classes: number;
  readonly dimension: number;
  /** Train images of each class. */
  readonly counts: Int32Array;
  readonly seed: number;
}

/** A loss ready to train with. */
export interface CreatedLoss {
  /** Initial class rows, proxies, running numbers; none for losses between embeddings. */
  readonly parameters: NamedArrays;
  readonly loss: (inputs: LossInputs) => Scalar | LossWithStatistics;
}

/** What a loss is given in a step. */
export interface LossInputs {
  readonly embeddings: Tensor2D;
  readonly labels: Tensor1D;
  /** A standard normal number for each image. */
  readonly draws: Tensor1D;
  /** `final.weight`, of those that have class rows. */
  readonly weight: Tensor2D;
  /** All parameters. */
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/** A loss, and new values of its running numbers. */
export interface LossWithStatistics {
  readonly loss: Scalar;
  readonly statistics: Readonly<Record<string, Tensor>>;
}

/** One row of the comparison. */
export interface LossEntry {
  readonly name: string;
  readonly create: (problem: Problem) => CreatedLoss;
  /** What was chosen, as the table prints it. */
  readonly settings: string;
  /** Why. */
  readonly reason: string;
  /** The highest learning rate: the best of `rates` on the tuning seed. */
  readonly rate: number;
  /** Private mAP@100 in the 2019 winners' table, in percent, of ResNet-50 and ResNet-101 trained on Google Landmarks v1. */
  readonly paper?: { readonly resnet50?: number; readonly resnet101: number };
}

/** A loss between the embeddings of a batch. */
export function pairs(loss: (embeddings: Tensor2D, labels: Tensor1D) => Scalar): LossEntry["create"] {
  return () => ({ parameters: {}, loss: ({ embeddings, labels }) => loss(embeddings, labels) });
}
