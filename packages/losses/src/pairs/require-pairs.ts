import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { requireLabels } from "../require.ts";

/** Refuses embeddings and labels that do not fit together. */
export function requirePairs(caller: string, embeddings: Tensor2D, labels: Tensor1D): void {
  if (embeddings.shape.length !== 2) {
    throw new RangeError(
      `${caller}: expected \`embeddings\` to have 2 dimensions, got shape [${embeddings.shape}]`,
    );
  }
  requireLabels(caller, labels, embeddings.shape[0]);
}
