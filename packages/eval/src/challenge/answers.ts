import { requireOneOf } from "../require.ts";

/** The split of a challenge that an image was scored in; ignored images were scored in none. */
export type Usage = "Public" | "Private" | "Ignored";

/** One row of a retrieval solution file. */
export interface RetrievalAnswer<Id extends string | number = string> {
  /** The query. */
  readonly id: Id;
  /** Index images that show the same landmark; not read for ignored queries. */
  readonly images: readonly Id[];
  /** The split. */
  readonly usage: Usage;
}

/** One row of a recognition solution file. */
export interface RecognitionAnswer<
  Id extends string | number = string,
  Label extends string | number = number,
> {
  /** The test image. */
  readonly id: Id;
  /** Landmarks that it shows, any of which is right; empty for none. */
  readonly landmarks: readonly Label[];
  /** The split. */
  readonly usage: Usage;
}

/** Which split is scored. */
export type Split = "Public" | "Private" | "both";

export function isScored(usage: Usage, wanted: Split): boolean {
  return usage !== "Ignored" && (wanted === "both" || usage === wanted);
}

export function requireSplit(caller: string, usage: Split): void {
  requireOneOf(caller, "usage", usage, ["Public", "Private", "both"]);
}

/** For each id its row of the solution. */
export function indexSolution<Id extends string | number>(
  caller: string,
  solution: readonly { readonly id: Id }[],
): Map<Id, number> {
  const rows = new Map<Id, number>();
  for (const { id } of solution) {
    if (rows.has(id)) {
      throw new RangeError(
        `${caller}: expected \`solution\` to name each id once, got ${JSON.stringify(id)} twice`,
      );
    }
    rows.set(id, rows.size);
  }
  return rows;
}
