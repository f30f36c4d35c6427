import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

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

/** Refuses anything but one of the choices. */
export function requireOneOf(
  caller: string,
  argument: string,
  value: string,
  choices: readonly string[],
): void {
  if (choices.includes(value)) return;
  const listed = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new RangeError(`${caller}: expected \`${argument}\` to be ${listed}, got "${value}"`);
}

/** Refuses embeddings, class rows and labels that do not fit together. */
export function requireHead(caller: string, embeddings: Tensor2D, weight: Tensor2D, labels: Tensor1D): void {
  requireColumns(caller, embeddings, weight);
  requireLabels(caller, labels, embeddings.shape[0]);
}

/** Refuses class rows of another length than the embeddings'. */
export function requireColumns(caller: string, embeddings: Tensor2D, weight: Tensor2D): void {
  const [, dimension] = embeddings.shape;
  if (weight.shape[1] === dimension) return;
  throw new RangeError(
    `${caller}: expected \`weight\` to have ${dimension} columns, got shape [${weight.shape}]`,
  );
}

/** Refuses anything but embeddings in rows, with one int32 label for each. */
export function requirePairs(caller: string, embeddings: Tensor2D, labels: Tensor1D): void {
  if (embeddings.shape.length !== 2) {
    throw new RangeError(
      `${caller}: expected \`embeddings\` to have 2 dimensions, got shape [${embeddings.shape}]`,
    );
  }
  requireLabels(caller, labels, embeddings.shape[0]);
}

/** Refuses anything but one int32 label for each of the rows. */
export function requireLabels(caller: string, labels: Tensor1D, rows: number): void {
  if (labels.shape.length !== 1 || labels.shape[0] !== rows) {
    throw new RangeError(`${caller}: expected \`labels\` to have shape [${rows}], got [${labels.shape}]`);
  }
  if (labels.dtype !== "int32") {
    throw new TypeError(`${caller}: expected \`labels\` to be int32, got ${labels.dtype}`);
  }
}

/**
 * Refuses anything but one finite number of at least 0 for each class; of a tensor only the shape is looked at.
 */
export function requirePerClass(
  caller: string,
  argument: string,
  values: Float32Array | Tensor1D,
  classes: number,
): void {
  if (!(values instanceof Float32Array)) {
    requireShape(caller, argument, values, [classes]);
    return;
  }
  if (values.length !== classes) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to hold ${classes} numbers, one per class, got ${values.length}`,
    );
  }
  const wrong = values.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) requireNotNegative(caller, `${argument}[${wrong}]`, values[wrong]!);
}

/** Refuses anything but an angle from 0 to π. */
export function requireAngle(caller: string, argument: string, value: number): void {
  if (value >= 0 && value <= Math.PI) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to π, got ${value}`);
}

/** Refuses anything but a number from 0 to 1. */
export function requireShare(caller: string, argument: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to 1, got ${value}`);
}

/** Refuses negative, infinite and missing numbers. */
export function requireNotNegative(caller: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a finite number of at least 0, got ${value}`,
  );
}

/** Refuses tensors of another shape. */
export function requireShape(
  caller: string,
  argument: string,
  tensor: Tensor,
  shape: readonly number[],
): void {
  if (`${tensor.shape}` === `${shape}`) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to have shape [${shape}], got [${tensor.shape}]`);
}

/** Refuses anything but at least one count, each of at least 1. */
export function requireCounts(caller: string, counts: ArrayLike<number>): void {
  if (counts.length === 0) throw new RangeError(`${caller}: expected \`counts\` to hold a number, got none`);
  for (let i = 0; i < counts.length; i++) {
    if (Number.isFinite(counts[i]) && counts[i]! >= 1) continue;
    throw new RangeError(
      `${caller}: expected \`counts[${i}]\` to be a finite number of at least 1, got ${counts[i]}`,
    );
  }
}
