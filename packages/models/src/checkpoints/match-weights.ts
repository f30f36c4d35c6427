import type { NamedArrays } from "../parameters.ts";
import { fromReferenceLayout } from "../reference-layout.ts";
import { type CheckpointError, shown, unexpected } from "./checkpoint-error.ts";
import {
  applyNaming,
  type Candidate,
  chooseNaming,
  type FilterLayout,
  fitting,
  inMemory,
  requireNaming,
  type Shapes,
  sameShape,
} from "./choose-naming.ts";
import { type MatchNames, type Misfits, mismatchError } from "./mismatch-error.ts";
import { type NameMapName, nameMaps } from "./name-maps.ts";
import { bareRecord } from "./raw-checkpoint.ts";

/** Options of {@link matchWeights}. */
export interface MatchWeightsOptions {
  /**
   * Beginnings that are cut off the checkpoint's names, each once and in this order.
   *
   * @defaultValue `"module."`, which PyTorch's data parallel training puts before every name
   */
  readonly prefix?: string | readonly string[];
  /**
   * New names, after prefixes are cut: a table, or a function that gives nothing to drop a name.
   *
   * @defaultValue names stay
   */
  readonly rename?: Readonly<Record<string, string>> | ((name: string) => string | undefined);
  /**
   * Names to leave out, before or after renaming: a whole name, a beginning that ends in a dot, or an expression that
   * matches somewhere. `/fc/` drops every name that contains it.
   *
   * @defaultValue none
   */
  readonly drop?: readonly (string | RegExp)[];
  /**
   * Whose names the checkpoint has: a name of `nameMaps`, `"none"` for the network's own, or `"auto"` for the network's
   * own if they all fit, else the naming that fits most; `timm-seresnext` has to be named.
   *
   * @defaultValue "auto"
   */
  readonly naming?: NameMapName | "auto" | "none";
  /**
   * Weights in this package's layout that fill what the checkpoint lacks, as when a network gets a new head.
   *
   * @defaultValue none: everything must be there
   */
  readonly initial?: NamedArrays;
  /**
   * Whether arrays that the network has no place for are left out instead of refused.
   *
   * @defaultValue false
   */
  readonly ignoreUnexpected?: boolean;
  /**
   * Whose layout the filters have: `"reference"` for `[out, in, height, width]`, `"memory"` for this package's
   * `[height, width, in, out]`.
   *
   * @defaultValue "reference"
   */
  readonly layout?: "reference" | "memory";
  /** Told once what went where. */
  readonly onReport?: (report: WeightsReport) => void;
}

/** What became of a checkpoint's and a network's names. */
export interface WeightsReport {
  /** The naming that was used. */
  readonly naming: NameMapName | "none";
  /** The network's names that the checkpoint filled. */
  readonly loaded: readonly string[];
  /** The network's names that `initial` filled. */
  readonly initial: readonly string[];
  /** The checkpoint's names that were dropped by option. */
  readonly dropped: readonly string[];
  /** The checkpoint's names that were left out with `ignoreUnexpected`. */
  readonly unexpected: readonly string[];
}

/**
 * Brings a checkpoint's arrays onto a network's names and shapes.
 *
 * In this order: prefixes are cut, names changed, the naming found, names dropped. PyTorch's counters
 * `num_batches_tracked` and Swin's constant tables are passed over.
 *
 * @param shapes - The network's names and shapes, in this package's layout.
 * @param arrays - The checkpoint's arrays, in the layout that `layout` says.
 * @returns Arrays in this package's layout, in the order of `shapes`; those that need no transposition share their memory
 * with the input.
 * @throws CheckpointError `mismatch`, which lists all names that are missing, unexpected or of another shape.
 *
 * @example
 * ```ts
 * import { matchWeights } from "@lmk/models/checkpoints";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * const weights = matchWeights({ "fc.bias": [2] }, { "module.fc.bias": bias });
 * Object.keys(weights); // => ["fc.bias"]
 * ```
 */
export function matchWeights(
  shapes: Shapes,
  arrays: NamedArrays,
  options: MatchWeightsOptions = {},
): NamedArrays {
  return matchArrays({ caller: "matchWeights", holder: "`arrays`" }, shapes, arrays, options);
}

/** {@link matchWeights} under another name. */
export function matchArrays(
  names: MatchNames,
  shapes: Shapes,
  arrays: NamedArrays,
  options: MatchWeightsOptions,
): NamedArrays {
  const { initial = {}, layout = "reference", naming = "auto" } = options;
  requireNaming(names.caller, naming);
  const cut = renamed(arrays, options);
  const chosen = chooseNaming(shapes, cut, layout, naming);
  const dropped: string[] = [];
  const kept = applyNaming(shapes, cut, chosen).filter((candidate) => {
    const drops = isDropped(candidate, options.drop ?? []);
    if (drops) dropped.push(candidate.from);
    return !drops;
  });
  const sorted = sortOut(shapes, kept, initial, layout);
  const unexpectedNames = options.ignoreUnexpected === true ? [] : sorted.unexpected;
  if ([sorted.missing, unexpectedNames, sorted.twice, sorted.misshapen].some(({ length }) => length > 0)) {
    throw mismatch({ ...sorted, ...names, unexpected: unexpectedNames }, shapes, cut, chosen, layout);
  }
  if (sorted.loaded.length === 0 && Object.keys(shapes).length > 0) {
    throw unexpected(
      "mismatch",
      names.caller,
      `${names.holder} to fill some of the network's names`,
      "none of them",
    );
  }
  options.onReport?.({
    naming: chosen,
    loaded: sorted.loaded.map(({ name }) => name),
    initial: sorted.initial,
    dropped,
    unexpected: sorted.unexpected,
  });
  return assemble(shapes, sorted.loaded, initial, layout);
}

function renamed(arrays: NamedArrays, { prefix = "module.", rename }: MatchWeightsOptions): Candidate[] {
  const prefixes = typeof prefix === "string" ? [prefix] : prefix;
  return Object.entries(arrays).flatMap(([from, array]) => {
    const cut = prefixes.reduce(
      (name, start) => (name.startsWith(start) ? name.slice(start.length) : name),
      from,
    );
    const name = newName(cut, rename);
    return name === undefined ? [] : [{ from, name, array }];
  });
}

function newName(name: string, rename: MatchWeightsOptions["rename"]): string | undefined {
  if (typeof rename === "function") return rename(name);
  return rename !== undefined && Object.hasOwn(rename, name) ? rename[name] : name;
}

function isDropped({ from, name }: Candidate, drop: readonly (string | RegExp)[]): boolean {
  return drop.some((rule) => {
    if (typeof rule === "string") {
      return [from, name].some((one) => one === rule || (rule.endsWith(".") && one.startsWith(rule)));
    }
    const expression = new RegExp(rule.source, rule.flags.replace(/[gy]/g, ""));
    return expression.test(from) || expression.test(name);
  });
}

interface Sorted extends Misfits {
  readonly loaded: readonly Candidate[];
  readonly initial: readonly string[];
}

function sortOut(
  shapes: Shapes,
  candidates: readonly Candidate[],
  initial: NamedArrays,
  layout: FilterLayout,
): Sorted {
  const loaded = new Map<string, Candidate>();
  const unexpectedNames: string[] = [];
  const twice: string[] = [];
  const misshapen: string[] = [];
  for (const candidate of candidates) {
    const { name, from, array } = candidate;
    if (!Object.hasOwn(shapes, name)) unexpectedNames.push(from);
    else if (loaded.has(name)) twice.push(from);
    else {
      loaded.set(name, candidate);
      if (!sameShape(shapes[name]!, array.shape, layout)) {
        misshapen.push(`${shown(name)} [${inMemory(array.shape, layout)}] for [${shapes[name]}]`);
      }
    }
  }
  const lacking = Object.keys(shapes).filter((name) => !loaded.has(name));
  const filled = lacking.filter((name) => Object.hasOwn(initial, name));
  for (const name of filled) {
    const { shape } = initial[name]!;
    if (String(shape) !== String(shapes[name]))
      misshapen.push(`initial ${shown(name)} [${shape}] for [${shapes[name]}]`);
  }
  return {
    loaded: [...loaded.values()],
    initial: filled,
    missing: lacking.filter((name) => !Object.hasOwn(initial, name)),
    unexpected: unexpectedNames,
    twice,
    misshapen,
  };
}

function mismatch(
  sorted: Sorted & MatchNames,
  shapes: Shapes,
  candidates: readonly Candidate[],
  naming: NameMapName | "none",
  layout: FilterLayout,
): CheckpointError {
  const fits = (name: NameMapName | "none") => fitting(shapes, candidates, name, layout);
  return mismatchError({
    ...sorted,
    targets: Object.keys(shapes),
    names: candidates.map(({ name }) => name),
    fits: fits(naming),
    alternatives: (Object.keys(nameMaps) as NameMapName[]).map((name) => [name, fits(name)] as const),
  });
}

function assemble(
  shapes: Shapes,
  loaded: readonly Candidate[],
  initial: NamedArrays,
  layout: FilterLayout,
): NamedArrays {
  const read = Object.fromEntries(loaded.map(({ name, array }) => [name, array]));
  const ours = layout === "memory" ? read : fromReferenceLayout(read);
  return bareRecord(
    Object.keys(shapes).map(
      (name) => [name, Object.hasOwn(ours, name) ? ours[name]! : initial[name]!] as const,
    ),
  );
}
