import type { PreparedData } from "./prepared-data.ts";
import type { Report } from "./report.ts";
import { chooseQueries, reportQuery, type ShownQuery } from "./report-queries.ts";

const shownResults = 10;

/** What one method found. */
export interface RankedList {
  /** Said above its results. */
  readonly label: string;
  /** Average precision of each query that counts, by its id. */
  readonly precisions: Readonly<Record<string, number>>;
  /** Ids of index images, best first, by the query's id: `rankedIds`. */
  readonly ranked: ReadonlyMap<string, readonly string[]>;
}

/** The best, the median and the worst queries by the second method, each with the first results of both. */
export async function rankingSections(
  prepared: PreparedData,
  before: RankedList,
  after: RankedList,
): Promise<Report["sections"]> {
  const known = Object.entries(after.precisions).filter(([id]) => after.ranked.has(id));
  const gains = Object.fromEntries(known.map(([id, value]) => [id, value - before.precisions[id]!]));
  return Promise.all(
    chooseQueries(Object.fromEntries(known), gains).map(async ({ title, ids }) => ({
      title,
      queries: await Promise.all(ids.map((id) => reportQuery(showQuery(prepared, id, before, after)))),
    })),
  );
}

function showQuery({ data }: PreparedData, id: string, before: RankedList, after: RankedList): ShownQuery {
  const { test, index, retrieval } = data;
  const row = test.ids.rowOf(id);
  const relevant = new Set(retrieval!.relevant[retrieval!.queries.indexOf(row)]);
  const results = ({ label, precisions, ranked }: RankedList): ShownQuery["before"] => ({
    label: `${label} · average precision ${precisions[id]!.toFixed(3)}`,
    photos: ranked
      .get(id)!
      .slice(0, shownResults)
      .map((image, rank) => {
        const imageRow = index.ids.rowOf(image);
        return { path: index.paths.at(imageRow), caption: `${rank + 1}`, right: relevant.has(imageRow) };
      }),
  });
  return {
    query: { path: test.paths.at(row), caption: `query ${id} · ${relevant.size} right answers` },
    before: results(before),
    after: results(after),
  };
}
