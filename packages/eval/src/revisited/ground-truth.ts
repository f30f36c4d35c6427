import type { Relevant } from "../retrieval/relevant-positions.ts";
import { setOf } from "../retrieval/relevant-positions.ts";

/** The protocols of the revisited sets. */
export type RevisitedProtocol = "easy" | "medium" | "hard";

/** What one query of the revisited sets is to find; each id in at most one of the lists. */
export interface RevisitedQuery<Id extends string | number = number> {
  /** Images that show it clearly. */
  readonly easy: Relevant<Id>;
  /** Images that show it from an unusual side, occluded or changed. */
  readonly hard: Relevant<Id>;
  /** Images that are neither right nor wrong. */
  readonly junk: Relevant<Id>;
}

/** The same for all queries, a list of lists each: what `readRevisited` of `@lmk/data` gives. */
export interface RevisitedLists<Id extends string | number = number> {
  /** For each query the images that show it clearly. */
  readonly easy: readonly Relevant<Id>[];
  /** For each query the images that show it from an unusual side, occluded or changed. */
  readonly hard: readonly Relevant<Id>[];
  /** For each query the images that are neither right nor wrong. */
  readonly junk: readonly Relevant<Id>[];
}

/** Ground truth of the revisited sets: query by query, as published, or list by list. */
export type RevisitedTruth<Id extends string | number = number> =
  | readonly RevisitedQuery<Id>[]
  | RevisitedLists<Id>;

/** What is right for each query, and what a ranking may hold without gain or loss. */
export interface RelevantAndIgnored<Id extends string | number = number> {
  /** For each query the ids that are right; an id that is ignored too does not count as relevant. */
  readonly relevant: readonly Relevant<Id>[];
  /** For each query the ids that are taken out of the ranking before it is scored. */
  readonly ignored: readonly Relevant<Id>[];
}

/** What becomes of an id: found it is right, or it is taken out. */
export type Role = "relevant" | "ignored";

/** Kinds of images and the role of each under a protocol. */
export const rolesOf: Readonly<Record<RevisitedProtocol, Readonly<Record<"easy" | "hard" | "junk", Role>>>> =
  {
    easy: { easy: "relevant", hard: "ignored", junk: "ignored" },
    medium: { easy: "relevant", hard: "relevant", junk: "ignored" },
    hard: { easy: "ignored", hard: "relevant", junk: "ignored" },
  };

export const protocols: readonly RevisitedProtocol[] = ["easy", "medium", "hard"];

/** Either form of the ground truth as one map per query: the kind of each id that has one. */
export function kindsOf<Id extends string | number>(
  caller: string,
  truth: RevisitedTruth<Id>,
): ReadonlyMap<Id, "easy" | "hard" | "junk">[] {
  return queriesOf(caller, truth).map((lists, query) => {
    const kinds = new Map<Id, "easy" | "hard" | "junk">();
    for (const kind of ["easy", "hard", "junk"] as const) {
      for (const id of setOf(lists[kind])) {
        const other = kinds.get(id);
        if (other !== undefined) {
          throw new RangeError(
            `${caller}: expected \`groundTruth\` to name each id once per query, got ${JSON.stringify(id)} as ${other} and ${kind} for query ${query}`,
          );
        }
        kinds.set(id, kind);
      }
    }
    return kinds;
  });
}

function queriesOf<Id extends string | number>(
  caller: string,
  truth: RevisitedTruth<Id>,
): readonly RevisitedQuery<Id>[] {
  if (!("easy" in truth)) return truth;
  const { easy, hard, junk } = truth;
  if (hard.length !== easy.length || junk.length !== easy.length) {
    throw new RangeError(
      `${caller}: expected \`groundTruth\` to have as many lists of each kind, got ${easy.length} easy, ${hard.length} hard and ${junk.length} junk`,
    );
  }
  return easy.map((list, query) => ({ easy: list, hard: hard[query]!, junk: junk[query]! }));
}
