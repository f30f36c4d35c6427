import {
  type Ensemble,
  type ListName,
  type NamedMembers,
  searchEnsemble,
  verifyLists,
} from "@lmk-example/gld2019-kit";
import type { CompletedStage } from "@lmk-example/kit";
import type { RetrievalConfig, RetrievalContext } from "../config.ts";
import { ensembleName, usesLabels } from "../methods.ts";

/** The stages of lists, by whose embeddings they are of and by their name. */
export type Searched = ReadonlyMap<string, Readonly<Partial<Record<ListName, CompletedStage>>>>;

/** The networks of a name: a job, or all members. */
export function membersOf({ members }: RetrievalConfig, name: string): NamedMembers {
  return { name, members: name === ensembleName ? members : [{ job: name, weight: 1 }] };
}

/** Finds what the methods and the tables need, exactly. */
export async function search(context: RetrievalContext, ensemble: Ensemble): Promise<Searched> {
  const { config } = context;
  const found = new Map<string, Readonly<Partial<Record<ListName, CompletedStage>>>>();
  for (const [name, counts] of neededLists(config)) {
    found.set(name, await searchEnsemble(context, ensemble, counts, membersOf(config, name)));
  }
  return found;
}

/** How many neighbors the lists have that are needed, by whose embeddings. */
function neededLists({ retrieval, members }: RetrievalConfig): Map<string, Record<ListName, number>> {
  const { depth, methods, tables, labels, queryExpansion, diffusion, egt, contest } = retrieval;
  const needed = new Map<string, Record<string, number>>();
  const add = (name: string, list: ListName, k: number): void => {
    const ofName = needed.get(name) ?? {};
    needed.set(name, { ...ofName, [list]: Math.max(k, ofName[list] ?? 0) });
  };
  for (const method of methods) {
    add(method.of, "test-index", depth);
    add(method.of, "test-train", depth);
    if (method.queries === "alpha-qe") add(method.of, "test-pool", queryExpansion.neighborCount);
    if (method.queries === "contest") {
      add(method.of, "test-index", contest.candidates);
      add(method.of, "test-train", contest.candidates);
      add(method.of, "index-index", contest.candidates);
    } else if (usesLabels(method)) {
      add(method.of, "index-train", labels.predictLabels.neighborCount);
    }
    if (method.ranking === "egt") add(method.of, "index-index", egt.neighborCount);
    if (method.ranking === "diffusion") {
      add(method.of, "pool-pool", Math.max(diffusion.truncation, diffusion.neighborCount));
    }
  }
  const alone = members.length > 1 ? members.map(({ job }) => job) : [];
  for (const name of [...tables, ...alone]) add(name, "test-index", depth);
  return needed;
}

/** Inliers of the images that the contest's pipeline compares. */
export type Verified = Readonly<Record<"test-train" | "test-index" | "index-index", CompletedStage>>;

/** Compares the ensemble's neighbors place by place, if any method asks for it. */
export async function verify(
  context: RetrievalContext,
  ensemble: Ensemble,
  searched: Searched,
): Promise<Verified | undefined> {
  if (!needsVerification(context.config)) return undefined;
  const lists = searched.get(ensembleName)!;
  return verifyLists(context, ensemble, {
    "test-train": lists["test-train"]!,
    "test-index": lists["test-index"]!,
    "index-index": lists["index-index"]!,
  });
}

/** Whether any method compares images place by place. */
export function needsVerification({ retrieval }: RetrievalConfig): boolean {
  return retrieval.methods.some(({ queries }) => queries === "contest");
}
