import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** Refuses anything but a finite number above 0. */
export function requirePositive(caller: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number above 0, got ${value}`);
}

/** Refuses anything but a whole number above 0. */
export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a whole number above 0, got ${value}`);
}

/** Refuses embeddings, class rows and labels that do not fit together. */
export function requireHead(caller: string, embeddings: Tensor2D, weight: Tensor2D, labels: Tensor1D): void {
  const [batch, dimension] = embeddings.shape;
  if (weight.shape[1] !== dimension) {
    throw new RangeError(
      `${caller}: expected \`weight\` to have ${dimension} columns, got shape [${weight.shape}]`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== batch) {
    throw new RangeError(`${caller}: expected \`labels\` to have shape [${batch}], got [${labels.shape}]`);
  }
  if (labels.dtype !== "int32") {
    throw new TypeError(`${caller}: expected \`labels\` to be int32, got ${labels.dtype}`);
  }
}
