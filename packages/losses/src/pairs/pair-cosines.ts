import { matMul, type Tensor2D } from "@tensorflow/tfjs-core";
import { normalizeRows } from "../normalize-rows.ts";

/** Cosines `[N, N]` of all pairs of a batch. */
export function pairCosines(embeddings: Tensor2D): Tensor2D {
  const unit = normalizeRows(embeddings);
  return matMul(unit, unit, false, true);
}
