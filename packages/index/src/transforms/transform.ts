import { requirePositiveInteger } from "../require.ts";

/** `y = matrix x + offset`: PCA, whitening, rotation. */
export interface LinearTransform {
  readonly kind: "linear";
  readonly inputColumns: number;
  readonly outputColumns: number;
  /** `outputColumns` rows of `inputColumns` numbers. */
  readonly matrix: Float64Array;
  /** `outputColumns` numbers. */
  readonly offset: Float64Array;
}

/** `y = x + offset`: centring. */
export interface ShiftTransform {
  readonly kind: "shift";
  /** One number per column. */
  readonly offset: Float64Array;
}

/** `y = sign(x) |x|^exponent`, number by number (Perronnin et al. 2010): evens out what few large numbers dominate. */
export interface PowerTransform {
  readonly kind: "power";
  /** Above 0; the usual 0.5 is the signed square root. */
  readonly exponent: number;
}

/** The first `columns` columns, as of Matryoshka embeddings or of principal components. */
export interface TruncateTransform {
  readonly kind: "truncate";
  readonly columns: number;
}

/** `y = x / |x|`: rows of length 1. A row of zeros is refused. */
export interface NormalizeTransform {
  readonly kind: "normalize";
}

/** One step on embeddings, as plain data. */
export type TransformStep =
  | LinearTransform
  | ShiftTransform
  | PowerTransform
  | TruncateTransform
  | NormalizeTransform;

/** Steps one after the other; see {@link composeTransforms}. */
export interface TransformChain {
  readonly kind: "chain";
  readonly steps: readonly TransformStep[];
}

/** What {@link applyTransform} does to each row. */
export type Transform = TransformStep | TransformChain;

export function stepsOf(transform: Transform): readonly TransformStep[] {
  return transform.kind === "chain" ? transform.steps : [transform];
}

/**
 * Checks the steps and how they follow one another.
 *
 * @returns The width of the rows after the last step, or undefined where no step says it and `columns` is undefined.
 */
export function requireTransform(
  caller: string,
  argument: string,
  transform: Transform,
  columns?: number,
): number | undefined {
  let width = columns;
  for (const [i, step] of stepsOf(transform).entries()) {
    const name = transform.kind === "chain" ? `${argument}.steps[${i}]` : argument;
    width = requireStep(caller, name, step, width);
  }
  return width;
}

function requireStep(
  caller: string,
  name: string,
  step: TransformStep,
  width: number | undefined,
): number | undefined {
  switch (step.kind) {
    case "linear":
      requirePositiveInteger(caller, `${name}.inputColumns`, step.inputColumns);
      requirePositiveInteger(caller, `${name}.outputColumns`, step.outputColumns);
      requireNumbers(caller, `${name}.matrix`, step.matrix, step.inputColumns * step.outputColumns);
      requireNumbers(caller, `${name}.offset`, step.offset, step.outputColumns);
      requireWidth(caller, name, step.inputColumns, width);
      return step.outputColumns;
    case "shift":
      requireNumbers(caller, `${name}.offset`, step.offset, width ?? step.offset.length);
      return step.offset.length;
    case "power":
      if (!(step.exponent > 0 && step.exponent < Infinity)) {
        throw new RangeError(
          `${caller}: expected \`${name}.exponent\` to be a finite number above 0, got ${step.exponent}`,
        );
      }
      return width;
    case "truncate":
      requirePositiveInteger(caller, `${name}.columns`, step.columns);
      if (width !== undefined && step.columns > width) {
        throw new RangeError(
          `${caller}: expected \`${name}.columns\` to be at most the rows' ${width} columns, got ${step.columns}`,
        );
      }
      return step.columns;
    case "normalize":
      return width;
    default:
      throw new RangeError(
        `${caller}: expected \`${name}.kind\` to be a kind of step, got ${JSON.stringify((step as TransformStep).kind)}`,
      );
  }
}

function requireWidth(caller: string, name: string, expected: number, width: number | undefined): void {
  if (width !== undefined && width !== expected) {
    throw new RangeError(`${caller}: expected \`${name}\` to be given ${expected} columns, got ${width}`);
  }
}

function requireNumbers(caller: string, name: string, numbers: Float64Array, count: number): void {
  if (!(numbers instanceof Float64Array)) {
    throw new TypeError(`${caller}: expected \`${name}\` to be a Float64Array, got ${typeof numbers}`);
  }
  if (numbers.length !== count) {
    throw new RangeError(`${caller}: expected \`${name}\` to hold ${count} numbers, got ${numbers.length}`);
  }
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) {
    throw new RangeError(`${caller}: expected \`${name}[${at}]\` to be a finite number, got ${numbers[at]}`);
  }
}
