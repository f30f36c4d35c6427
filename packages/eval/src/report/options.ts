/** A score with what is known about its certainty. */
export interface LeaderboardScore {
  /** The score. */
  readonly value: number;
  /**
   * The interval that a bootstrap found, such as a result of `bootstrapInterval` of `@lmk/eval`; ends of NaN are as
   * none.
   *
   * @defaultValue none
   */
  readonly interval?: {
    /** Lower end. */
    readonly low: number;
    /** Upper end. */
    readonly high: number;
  };
  /**
   * How often chance alone makes a difference to the baseline as large as this one, from a paired test.
   *
   * @defaultValue none
   */
  readonly pValue?: number;
}

/** What one system reached. */
export interface LeaderboardRun {
  /** Name of the run, each a different one. */
  readonly name: string;
  /** Scores by the keys of the metrics; those that are missing or NaN are shown as a dash. */
  readonly scores: Readonly<Record<string, number | LeaderboardScore>>;
  /**
   * A value from 0 to 1 per query, higher is better, such as average precisions; NaN for queries that do not
   * count. In the order of {@link LeaderboardOptions.queries}.
   *
   * @defaultValue none
   */
  readonly perQuery?: ArrayLike<number>;
}

/** A column of scores. */
export interface LeaderboardMetric {
  /** Key of the scores. */
  readonly key: string;
  /** Heading of the column, such as "Private mAP@100". */
  readonly label: string;
  /**
   * How values are shown: `percent` multiplies them by 100.
   *
   * @defaultValue "percent"
   */
  readonly unit?: "percent" | "number";
  /**
   * Decimals shown, 0 to 10.
   *
   * @defaultValue 2
   */
  readonly digits?: number;
  /**
   * Which values are better.
   *
   * @defaultValue "higher"
   */
  readonly better?: "higher" | "lower";
}

/** Options of {@link leaderboardText} and {@link leaderboardHtml}. */
export interface LeaderboardOptions {
  /** The columns; runs are sorted by the first. */
  readonly metrics: readonly LeaderboardMetric[];
  /**
   * Title of the report.
   *
   * @defaultValue "Leaderboard"
   */
  readonly title?: string;
  /**
   * What was measured on what, in a sentence or two.
   *
   * @defaultValue none
   */
  readonly description?: string;
  /**
   * Name of the run that the others are compared with.
   *
   * @defaultValue none: no differences are shown
   */
  readonly baseline?: string;
  /**
   * Level of the intervals, for the legend; above 0 and below 1.
   *
   * @defaultValue 0.95
   */
  readonly level?: number;
  /**
   * Ids of the queries of `perQuery`; without them the report has no tables of queries.
   *
   * @defaultValue none
   */
  readonly queries?: readonly (string | number)[];
  /**
   * What `perQuery` holds; shown in percent.
   *
   * @defaultValue "average precision"
   */
  readonly queryMetric?: string;
  /**
   * Rows of each table of queries, 1 or more.
   *
   * @defaultValue 10
   */
  readonly queryCount?: number;
  /**
   * Name of the run whose queries are shown.
   *
   * @defaultValue the best one with `perQuery` that is not the baseline, else the best one with `perQuery`
   */
  readonly detail?: string;
}
