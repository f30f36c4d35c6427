import type { LabelPredictions, Neighbors } from "@lmk/rerank";
import { type CompletedStage, makeLists, readRows, takeRows } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import { joinLabelled, labelImages } from "../image-labels.ts";
import type { LabelledIndex } from "../labelled-index.ts";
import { pairsOfRanking, type RetrievalPair, retrievalList } from "../list-names.ts";
import { type RowRange, readListRows } from "../list-rows.ts";
import { rowsOf } from "../member-rows.ts";
import { once } from "../once.ts";
import { mergeRankings, rankHard, rankSoftly } from "../retrieval-ranking.ts";
import { imagesByLabel, unprovenQueries, withSameLabel } from "../same-label.ts";
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
  const { config, notice, run } = context;
  const { data } = system;
  const { rerank, labelScore, labelled } = way;
  const { neighborCount, up, down, kept } = config.retrieval;
  const stageOf = (pair: RetrievalPair): CompletedStage => lists.get(retrievalList(member, pair))!;
  const [tests, index] = [rowsOf(system, member, "test"), rowsOf(system, member, "index")];
  const labelsOf = async (of: "test" | "index", range: RowRange): Promise<LabelPredictions> => {
    const nearest = await readListRows(stageOf(`${of}-gallery`), range);
    const options = { labelScore, neighborCount };
    if (labelled === "train") return labelImages(nearest, data.gallery.labels, options);
    const others = await readListRows(stageOf(`${of}-labelled`), range);
    const joined = joinLabelled(
      [nearest, others],
      [data.gallery.labels, labelledIndex!.labels],
      neighborCount,
    );
    return labelImages(joined.nearest, joined.labels, options);
  };
  const ofIndex = once(async () => {
    const indexLabels = await labelsOf("index", { first: 0, end: index.rows });
    return { indexLabels, images: imagesByLabel(indexLabels.labels) };
  });
  const listsOf = async (first: number, end: number): Promise<Neighbors> => {
    const queryIndex = await readListRows(stageOf("test-index"), { first, end });
    if (rerank === "none") return mergeRankings([queryIndex], kept);
    const { indexLabels, images } = await ofIndex();
    const queryLabels = await labelsOf("test", { first, end });
    const evidence = { queryIndex, queryLabels, indexLabels };
    if (rerank === "hard") return rankHard(evidence, { depth: given });
    const all =
      queryIndex.k >= index.rows
        ? queryIndex
        : await withSameLabel(queryIndex, {
            queryLabels: queryLabels.labels,
            images,
            queries: await readRows(tests, { first, end }),
            readIndex: (rows) => takeRows(index, rows),
          });
    return rankSoftly({ ...evidence, queryIndex: all }, { up, down, k: kept });
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
      after: [data.lists, ...pairsOfRanking(way).map(stageOf)],
      rows: tests.rows,
      rowsPerPart: rowsAtOnce,
      rowsAtOnce,
      listsOf,
    },
  );
  const depth = searchDepth(config.retrieval, { tests: tests.rows, index: index.rows });
  if (!isNew || rerank !== "soft" || depth >= index.rows) return stage;
  // Counted from what was written, of which an earlier process may have made parts.
  let unproven = 0;
  const { indexLabels } = await ofIndex();
  for (let first = 0; first < tests.rows; first += rowsAtOnce) {
    const range = { first, end: Math.min(first + rowsAtOnce, tests.rows) };
    const queryIndex = await readListRows(stageOf("test-index"), range);
    const evidence = { queryIndex, queryLabels: await labelsOf("test", range), indexLabels };
    unproven += unprovenQueries(evidence, await readListRows(stage, range), down);
  }
  if (unproven > 0) {
    notice(
      `${member}: scores of ${index.rows} index images are changed for the nearest of each test image and for those of its landmark; for ${unproven} test images another one might be among the first ${kept}`,
    );
  }
  return stage;
}

function rankName({ rerank, labelScore, labelled }: RetrievalWay): string {
  if (rerank === "none") return rerank;
  const name = rerank === "soft" ? `soft-${labelScore}` : rerank;
  return labelled === "train" ? `${name}-train` : name;
}
