import type { Metric } from "../matrix.ts";

/** What every search of one kind shares. */
export interface SearchSettings {
  /** The public function that is given queries, as errors name it. */
  readonly caller: string;
  /** The public function that is given rows. */
  readonly rowsCaller: string;
  readonly metric: Metric;
  readonly columns: number;
}
