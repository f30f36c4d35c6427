import type { ComparedLists, ReportQuery } from "./report.ts";
import { thumbnail } from "./thumbnail.ts";

/** An image file and what is said below it. */
export interface ShownImage {
  readonly path: string;
  readonly caption: string;
  /** Whether it is a right answer; `undefined` where there is none to be right. */
  readonly right?: boolean;
}

/** A query whose images are still files. */
export type ShownQuery = ComparedLists<ShownImage>;

/** Reads the images of a query for the report. */
export async function reportQuery({ query, before, after }: ShownQuery): Promise<ReportQuery> {
  const listOf = async ({ label, photos }: ShownQuery["before"]): Promise<ReportQuery["before"]> => ({
    label,
    photos: await Promise.all(photos.map((image) => photo(image))),
  });
  return {
    query: await photo(query, 340),
    before: await listOf(before),
    after: await listOf(after),
  };
}

async function photo({ path, caption, right }: ShownImage, side?: number): Promise<ReportQuery["query"]> {
  const jpeg = await thumbnail(path, side);
  return right === undefined ? { jpeg, caption } : { jpeg, caption, right };
}

/** Some queries of the report, under one heading. */
export interface QuerySection {
  readonly title: string;
  readonly ids: readonly string[];
}

/**
 * The best, the median and the worst queries.
 *
 * @param scores - By the query's id; higher is better.
 * @param gains - Of equally good queries those with a larger gain come first.
 * @param count - Queries of each kind at most.
 */
export function chooseQueries(
  scores: Readonly<Record<string, number>>,
  gains: Readonly<Record<string, number>> = {},
  count = 4,
): readonly QuerySection[] {
  const gain = (id: string): number => gains[id] ?? 0;
  const ids = Object.keys(scores).sort(
    (a, b) => scores[b]! - scores[a]! || gain(b) - gain(a) || (a < b ? -1 : 1),
  );
  const each = Math.min(count, Math.floor(ids.length / 3));
  const middle = Math.floor((ids.length - each) / 2);
  return [
    { title: "Best queries", ids: ids.slice(0, each) },
    { title: "Median queries", ids: ids.slice(middle, middle + each) },
    { title: "Worst queries", ids: ids.slice(ids.length - each) },
  ];
}
