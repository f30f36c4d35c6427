import type { Report } from "../measure/report.ts";
import type { Need } from "./method.ts";
import type { NeedCosts } from "./need-costs.ts";
import type { Score } from "./scores.ts";
import type { SameLabels } from "./voted-labels.ts";

/** What one method gave and took. */
export interface RerankRow {
  readonly name: string;
  readonly calls: string;
  readonly needs: Need;
  /** mAP@100 with the defaults, from 0 to 1, tested against the first search. */
  readonly defaults: Score & { readonly settings: string };
  /** The same for each group of queries. */
  readonly groups: Readonly<Record<string, number>>;
  /** Mean share of the first ten that is right, with the defaults. */
  readonly meanPrecision: number;
  /** mAP@100 with settings that were chosen on the other half of the queries. */
  readonly chosen: Score;
  /** mAP@100 of each setting, the defaults first. */
  readonly grid: readonly { readonly settings: string; readonly mean: number }[];
  /** Of the defaults, per query. */
  readonly milliseconds: number;
  readonly runs: number;
  /** What is done before there are queries, beyond graphs and votes; for all queries and problems. */
  readonly prepareMilliseconds: number;
  /** Bytes resident at most, more than before. */
  readonly memory: number;
}

/** A method of the table of 2019 there and here. */
export interface Row2019 {
  readonly title: string;
  readonly method: string;
  /** Private mAP@100 of the paper, in percent. */
  readonly published: number;
  /** Here, from 0 to 1; nothing where the method was not run. */
  readonly ours: number | null;
  /** The same for each group of queries. */
  readonly groups: Readonly<Record<string, number>>;
  /** Of a paired permutation test against the row before. */
  readonly pValue: number | null;
}

/** What is known of a set besides scores. */
export interface SetFacts {
  readonly name: string;
  readonly description: string;
  readonly problems: number;
  readonly queries: number;
  /** Queries with anything to find. */
  readonly scored: number;
  readonly columns: number;
  /** Rows of the first database. */
  readonly database: number;
  /** Least, median and most right answers of a scored query. */
  readonly relevant: readonly [number, number, number];
  /** Per group: its scored queries, their median of right answers, and how well voted labels tell them. */
  readonly groups: readonly {
    readonly name: string;
    readonly queries: number;
    readonly relevant: number;
    /** Nothing without training rows. */
    readonly sameLabels: SameLabels | null;
  }[];
}

/** What the benchmark of re-rankers found. */
export interface RerankResults {
  readonly set: SetFacts;
  readonly rows: readonly RerankRow[];
  readonly needs: NeedCosts;
  readonly table2019: readonly Row2019[];
  readonly notRun: readonly { readonly name: string; readonly reason: string }[];
}

export type RerankReport = Report<RerankResults>;

/** Settings with the highest mean; of equal ones the first. */
export function bestSettings({ grid }: RerankRow): { readonly settings: string; readonly mean: number } {
  return grid.reduce((best, entry) => (entry.mean > best.mean ? entry : best));
}
