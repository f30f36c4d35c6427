import type { Neighbors } from "@lmk/rerank";
import { type CompletedStage, makeLists, readRows, takeRows } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import type { LabelledIndex } from "../labelled-index.ts";
import { pairsOfRanking, retrievalList } from "../list-names.ts";
import { type RowRange, readListRows } from "../list-rows.ts";
import { createMemberEvidence, type MemberEvidence } from "../member-evidence.ts";
import { rowsOf } from "../member-rows.ts";
import { mergeRankings, rankHard, rankSoftly } from "../retrieval-ranking.ts";
import { unprovenQueries, withSameLabel } from "../same-label.ts";
import { searchDepth } from "../search-depth.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { RetrievalWay } from "../way.ts";
import type { Lists } from "./search.ts";

/** Test images whose lists are in memory at once. */
export const rowsAtOnce = 4096;

/** What rankings are made of besides the embeddings of the system. */
export interface RankingSources {
  readonly lists: Lists;
  readonly labelledIndex: LabelledIndex | undefined;
}

/** What is ranked, and how many index images of it are given where none are kept for an ensemble. */
export interface RankOptions {
  readonly member: MemberName;
  readonly way: RetrievalWay;
  readonly given: number;
}

/** One network's ranking, which several ways share; ids count usable index rows. */
export async function rankBy(
  context: SystemContext,
  system: EmbeddedSystem,
  { lists, labelledIndex }: RankingSources,
  { member, way, given }: RankOptions,
): Promise<CompletedStage> {
  const { config, run } = context;
  const { data } = system;
  const { rerank, labelScore, labelled } = way;
  const { neighborCount, up, down, kept } = config.retrieval;
  const [tests, index] = [rowsOf(system, member, "test"), rowsOf(system, member, "index")];
  const evidence = createMemberEvidence({
    ...{ lists, member, way, neighborCount, labelledIndex },
    galleryLabels: data.gallery.labels,
    indexImages: index.rows,
  });
  const listsOf = async (first: number, end: number): Promise<Neighbors> => {
    const range = { first, end };
    if (rerank === "none") return mergeRankings([await evidence.queryIndex(range)], kept);
    const found = await evidence.of(range);
    if (rerank === "hard") return rankHard(found, { depth: given });
    const soft = { up, down, k: kept };
    if (found.queryIndex.k >= index.rows) return rankSoftly(found, soft);
    const queryIndex = await withSameLabel(found.queryIndex, {
      queryLabels: found.queryLabels.labels,
      images: await evidence.images(),
      queries: await readRows(tests, range),
      readIndex: (rows) => takeRows(index, rows),
    });
    return rankSoftly({ ...found, queryIndex }, soft);
  };
  const byLabels = {
    ...{ labelScore, neighborCount, up, down, gallery: config.gallery, given },
    labelledIndex: labelled === "train" ? null : labelledIndex!.key,
  };
  let isNew = false;
  const onStage: typeof run.onStage = (name, event) => {
    isNew ||= event.kind === "done";
    run.onStage(name, event);
  };
  const stage = await makeLists(
    { ...context, run: { ...run, onStage } },
    {
      name: `rank/${member}/${rankName(way)}`,
      settings: { rerank, kept, ...(rerank === "none" ? {} : byLabels) },
      after: [data.lists, ...pairsOfRanking(way).map((pair) => lists.get(retrievalList(member, pair))!)],
      rows: tests.rows,
      rowsPerPart: rowsAtOnce,
      rowsAtOnce,
      listsOf,
    },
  );
  const images = { tests: tests.rows, index: index.rows };
  if (isNew && rerank === "soft" && searchDepth(config.retrieval, images) < index.rows) {
    const unproven = await countUnproven(stage, evidence, { rows: tests.rows, down });
    if (unproven > 0) {
      context.notice(
        `${member}: scores of ${index.rows} index images are changed for the nearest of each test image and for those of its landmark; for ${unproven} test images another one might be among the first ${kept}`,
      );
    }
  }
  return stage;
}

/** Counts {@link unprovenQueries} in what was written, of which an earlier process may have made parts. */
async function countUnproven(
  ranked: CompletedStage,
  evidence: MemberEvidence,
  { rows, down }: { readonly rows: number; readonly down: number },
): Promise<number> {
  let count = 0;
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const range: RowRange = { first, end: Math.min(first + rowsAtOnce, rows) };
    count += unprovenQueries(await evidence.of(range), await readListRows(ranked, range), down);
  }
  return count;
}

function rankName({ rerank, labelScore, labelled }: RetrievalWay): string {
  if (rerank === "none") return rerank;
  const name = rerank === "soft" ? `soft-${labelScore}` : rerank;
  return labelled === "train" ? `${name}-train` : name;
}
