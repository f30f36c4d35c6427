import type { NamedArray, NamedArrays } from "./parameters.ts";
import { TrainingError } from "./training-error.ts";

/** Which arrays: one by its whole name, or all in whose name a pattern is found. */
export type NamePattern = string | RegExp;

/** Where the rows of an array go. */
export interface RowMap {
  readonly match: NamePattern;
  /**
   * For each class of the checkpoint its class in the new array; -1 leaves a class out. Arrays with several rows a class,
   * such as class-major sub-centers, have as many rows as classes times that number, and a class's rows move together.
   */
  readonly classes: Int32Array;
}

/** Options of {@link initFrom}. */
export interface InitFromOptions {
  /**
   * Arrays of the checkpoint that are not handed over, such as the class rows of other classes. Each pattern must match.
   *
   * @defaultValue none
   */
  readonly drop?: readonly NamePattern[];
  /**
   * Arrays that may have fewer rows than the new ones. A pattern takes the checkpoint's rows as the first ones, so the
   * classes must be in the same order; a {@link RowMap} says where each class goes, also if the shapes agree. Rows that
   * none goes to keep their initial values. Each pattern must match.
   *
   * @defaultValue none
   */
  readonly copyRows?: readonly (NamePattern | RowMap)[];
  /**
   * What is cut from the start of the checkpoint's names where they have it, such as `"module."`.
   *
   * @defaultValue ""
   */
  readonly stripPrefix?: string;
  /**
   * Whether the checkpoint must hold all arrays but those that `drop` matches, and no others.
   *
   * @defaultValue true
   */
  readonly strict?: boolean;
}

/** Rows that were copied into a larger array. */
export interface CopiedRows {
  readonly name: string;
  /** Rows of the checkpoint's array. */
  readonly from: number;
  /** Rows of the new array. */
  readonly to: number;
  /** Rows copied; fewer than `from` if classes were left out. */
  readonly rows: number;
}

/** What became of each array; every list is in the order of the names' first appearance. */
export interface InitFromReport {
  /** Taken whole from the checkpoint. */
  readonly loaded: readonly string[];
  readonly copiedRows: readonly CopiedRows[];
  /** Arrays of the checkpoint that `drop` matches. */
  readonly dropped: readonly string[];
  /** Arrays that keep their initial values. */
  readonly kept: readonly string[];
  /** Arrays of the checkpoint that no initial one has the name of; empty if strict. */
  readonly unexpected: readonly string[];
}

/** What {@link initFrom} gives back. */
export interface InitFromResult {
  /** The arrays of `initial`, by the same names and of the same shapes. */
  readonly parameters: NamedArrays;
  readonly report: InitFromReport;
}

/**
 * The weights that a stage of training starts from: those of the stage before, where they fit.
 *
 * A checkpoint of training holds optimizer slots too, which are no weights: drop them, or hand over the weights alone.
 *
 * Neither argument is changed. No array is copied but those whose rows are placed: the others are the checkpoint's own
 * or the initial ones, shared, so that a network with 203,094 × 3 × 512 class rows costs no second copy. With `copyRows`
 * there is one copy of the new array.
 *
 * @param initial - Fresh weights of the stage's network: they say which names and shapes there are.
 * @param checkpoint - Weights of the stage before.
 * @throws RangeError if a pattern matches no name of the checkpoint, a row map does not fit, two names are the same
 *   without the prefix, or an array does not hold as many values as its shape says.
 * @throws TrainingError with the code `wrong-arrays` if a shape differs and no rule covers it, or, if strict, an array is
 *   missing or unexpected.
 *
 * @example The class rows of 2 classes become the first of 3
 * ```ts
 * import { initFrom } from "@lmk/train";
 *
 * const initial = { classes: { shape: [3, 2], data: new Float32Array(6) } };
 * const before = { "module.classes": { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } };
 * const { parameters, report } = initFrom(initial, before, {
 *   stripPrefix: "module.",
 *   copyRows: ["classes"],
 * });
 * [...parameters.classes.data]; // => [1, 2, 3, 4, 0, 0]
 * report.copiedRows; // => [{ name: "classes", from: 2, to: 3, rows: 2 }]
 * ```
 */
export function initFrom(
  initial: NamedArrays,
  checkpoint: NamedArrays,
  options: InitFromOptions = {},
): InitFromResult {
  const { drop = [], copyRows = [], stripPrefix = "", strict = true } = options;
  requireWhole("initial", initial);
  requireWhole("checkpoint", checkpoint);
  const given = withoutPrefix(checkpoint, stripPrefix);
  requireMatches("drop", drop, given);
  requireMatches("copyRows", copyRows.map(patternOf), given);

  const dropped = [...given.keys()].filter((name) => drop.some((pattern) => matches(pattern, name)));
  for (const name of dropped) given.delete(name);
  const unexpected = [...given.keys()].filter((name) => !Object.hasOwn(initial, name));
  const parameters: Record<string, NamedArray> = {};
  const loaded: string[] = [];
  const copiedRows: CopiedRows[] = [];
  const kept: string[] = [];
  for (const [name, start] of Object.entries(initial)) {
    const array = given.get(name);
    const rule = copyRows.find((candidate) => matches(patternOf(candidate), name));
    if (array === undefined) {
      parameters[name] = start;
      kept.push(name);
    } else if (sameShape(array.shape, start.shape) && !isRowMap(rule)) {
      parameters[name] = array;
      loaded.push(name);
    } else {
      if (rule === undefined) throw shapeError(name, array, start);
      const placed = placeRows(name, array, start, rule);
      parameters[name] = placed.array;
      copiedRows.push(placed.copied);
    }
  }
  if (strict) {
    const missing = kept.filter((name) => !drop.some((pattern) => matches(pattern, name)));
    requireNone("to hold all arrays that the network has", missing, "lacks");
    requireNone("to hold no arrays that the network lacks", unexpected, "holds");
  }
  return { parameters, report: { loaded, copiedRows, dropped, kept, unexpected } };
}

/** Refuses arrays that hold more or fewer values than their shape says. */
function requireWhole(argument: string, arrays: NamedArrays): void {
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (data.length === size) continue;
    throw new RangeError(
      `initFrom: expected "${name}" of \`${argument}\` to hold the ${size} values of its shape [${shape}], got ${data.length}`,
    );
  }
}

/** The checkpoint by the names without the prefix. */
function withoutPrefix(checkpoint: NamedArrays, prefix: string): Map<string, NamedArray> {
  const given = new Map<string, NamedArray>();
  for (const [name, array] of Object.entries(checkpoint)) {
    const short = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (given.has(short)) {
      throw new RangeError(
        `initFrom: expected the names of \`checkpoint\` to differ without "${prefix}", got "${short}" twice`,
      );
    }
    given.set(short, array);
  }
  return given;
}

/** A copy of the initial array with the checkpoint's rows in their places. */
function placeRows(
  name: string,
  array: NamedArray,
  start: NamedArray,
  rule: NamePattern | RowMap,
): { readonly array: NamedArray; readonly copied: CopiedRows } {
  const from = array.shape[0] ?? 0;
  const to = start.shape[0] ?? 0;
  const fits = array.shape.length > 0 && sameShape(array.shape.slice(1), start.shape.slice(1));
  if (!fits || (!isRowMap(rule) && from > to)) throw shapeError(name, array, start);
  const data = start.data.slice();
  if (!isRowMap(rule)) {
    data.set(array.data);
    return { array: { shape: start.shape, data }, copied: { name, from, to, rows: from } };
  }
  const { classes } = rule;
  const perClass = requireRowMap(name, classes, from, to);
  const length = (array.data.length / Math.max(from, 1)) * perClass;
  let rows = 0;
  classes.forEach((target, i) => {
    if (target < 0) return;
    data.set(array.data.subarray(i * length, (i + 1) * length), target * length);
    rows += perClass;
  });
  return { array: { shape: start.shape, data }, copied: { name, from, to, rows } };
}

/** Refuses a row map that does not fit, and gives back how many rows a class has. */
function requireRowMap(name: string, classes: Int32Array, from: number, to: number): number {
  const perClass = from / classes.length;
  if (!Number.isInteger(perClass) || perClass === 0 || to % perClass !== 0) {
    throw new RangeError(
      `initFrom: expected \`classes\` of the row map for "${name}" to divide its ${from} rows, and these ${to}, into classes, got ${classes.length} classes`,
    );
  }
  const taken = new Uint8Array(to / perClass);
  classes.forEach((target, i) => {
    if (target >= -1 && target < taken.length && !taken[target]) {
      if (target >= 0) taken[target] = 1;
      return;
    }
    throw new RangeError(
      `initFrom: expected \`classes\` of the row map for "${name}" to hold different classes below ${taken.length}, or -1, got ${target} at ${i}`,
    );
  });
  return perClass;
}

function requireMatches(
  argument: string,
  patterns: readonly NamePattern[],
  given: ReadonlyMap<string, NamedArray>,
): void {
  for (const pattern of patterns) {
    if ([...given.keys()].some((name) => matches(pattern, name))) continue;
    const shown = typeof pattern === "string" ? `"${pattern}"` : String(pattern);
    throw new RangeError(
      `initFrom: expected each pattern of \`${argument}\` to match an array of the checkpoint, got ${shown}, which matches none`,
    );
  }
}

function requireNone(expected: string, names: readonly string[], verb: string): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  const rest = names.length > 8 ? ` and ${names.length - 8} more` : "";
  throw new TrainingError(
    "wrong-arrays",
    `initFrom: expected \`checkpoint\` ${expected}, got one that ${verb} ${shown.join(", ")}${rest}; set \`strict\` to false if this is meant`,
  );
}

function shapeError(name: string, array: NamedArray, start: NamedArray): TrainingError {
  return new TrainingError(
    "wrong-arrays",
    `initFrom: expected "${name}" of \`checkpoint\` to have the shape [${start.shape}], got [${array.shape}]; drop it, or copy its rows if only their number is smaller`,
  );
}

function matches(pattern: NamePattern, name: string): boolean {
  return typeof pattern === "string" ? name === pattern : name.search(pattern) >= 0;
}

function isRowMap(rule: NamePattern | RowMap | undefined): rule is RowMap {
  return typeof rule === "object" && !(rule instanceof RegExp);
}

function patternOf(rule: NamePattern | RowMap): NamePattern {
  return isRowMap(rule) ? rule.match : rule;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
