import { cast, equal, expandDims, range, sub, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/** Which ordered pairs of a batch share a class. */
export interface PairMasks {
  /** `[N, N]`, 1 where row and column are two embeddings of one class, else 0; 0 on the diagonal. */
  readonly positive: Tensor2D;
  /** `[N, N]`, 1 where row and column are of two classes, else 0. */
  readonly negative: Tensor2D;
}

/** Ones `[N, N]` where two vectors of numbers agree, zeros elsewhere. */
const agreement = (rows: Tensor1D): Tensor2D =>
  cast(equal(expandDims(rows, 1), expandDims(rows, 0)), "float32") as Tensor2D;

/** The pairs of a batch as float32 masks of 0 and 1, from its labels `[N]`. */
export function pairMasks(labels: Tensor1D): PairMasks {
  const same = agreement(labels);
  const self = agreement(range(0, labels.shape[0], 1, "int32"));
  return { positive: sub(same, self), negative: sub(1, same) };
}
