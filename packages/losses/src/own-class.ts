import { cast, equal, expandDims, range, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/** Ones `[N, C]` at each row's own class, zeros elsewhere; unlike `oneHot` it also knows a single class. */
export function ownClass(labels: Tensor1D, classes: number): Tensor2D {
  return cast(equal(expandDims(labels, 1), range(0, classes, 1, "int32")), "float32") as Tensor2D;
}
