import type { NamedArray } from "../parameters.ts";
import { type NameMapName, nameMaps, safeNameMaps } from "./name-maps.ts";

/** A network's names and shapes, in this package's layout. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Whose layout filters have. */
export type FilterLayout = "reference" | "memory";

/** A checkpoint's array on its way: the name as read, and the name it goes by now. */
export interface Candidate {
  readonly from: string;
  readonly name: string;
  readonly array: NamedArray;
}

/** Buffers that PyTorch keeps and no network here needs. */
const ignoredBuffers = /(^|\.)(num_batches_tracked|relative_position_index|attn_mask)$/;

/** Refuses a naming that is none. */
export function requireNaming(caller: string, naming: string): void {
  if (naming === "auto" || naming === "none" || Object.hasOwn(nameMaps, naming)) return;
  const names = ["auto", "none", ...Object.keys(nameMaps)].join(", ");
  throw new RangeError(`${caller}: expected \`naming\` to be one of ${names}, got ${naming}`);
}

/** The candidates under their names in the network; buffers that it does not keep are left out. */
export function applyNaming(
  shapes: Shapes,
  candidates: readonly Candidate[],
  naming: NameMapName | "none",
): Candidate[] {
  const map = naming === "none" ? (name: string) => name : nameMaps[naming](new Set(Object.keys(shapes)));
  return candidates.flatMap((candidate) => {
    const name = map(candidate.name);
    const ignored = name === undefined || (ignoredBuffers.test(name) && !Object.hasOwn(shapes, name));
    return ignored ? [] : [{ ...candidate, name }];
  });
}

/** How many arrays have a name and a shape of the network under a naming. */
export function fitting(
  shapes: Shapes,
  candidates: readonly Candidate[],
  naming: NameMapName | "none",
  layout: FilterLayout,
): number {
  return applyNaming(shapes, candidates, naming).filter(
    ({ name, array }) => Object.hasOwn(shapes, name) && sameShape(shapes[name]!, array.shape, layout),
  ).length;
}

/** The naming that was asked for; for `"auto"` the network's own if all fits, else the one that fits most. */
export function chooseNaming(
  shapes: Shapes,
  candidates: readonly Candidate[],
  layout: FilterLayout,
  naming: NameMapName | "auto" | "none",
): NameMapName | "none" {
  if (naming !== "auto") return naming;
  let best: NameMapName | "none" = "none";
  let most = fitting(shapes, candidates, "none", layout);
  if (most === Object.keys(shapes).length) return best;
  for (const name of safeNameMaps) {
    const count = fitting(shapes, candidates, name, layout);
    if (count > most) {
      most = count;
      best = name;
    }
  }
  return best;
}

/** A shape of the checkpoint in this package's layout. */
export function inMemory(shape: readonly number[], layout: FilterLayout): readonly number[] {
  if (shape.length !== 4 || layout === "memory") return shape;
  const [out, input, height, width] = shape as readonly [number, number, number, number];
  return [height, width, input, out];
}

/** Whether a shape of the checkpoint is that of the network. */
export function sameShape(
  expected: readonly number[],
  actual: readonly number[],
  layout: FilterLayout,
): boolean {
  const shape = inMemory(actual, layout);
  return shape.length === expected.length && expected.every((side, axis) => side === shape[axis]);
}
