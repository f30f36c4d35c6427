import type { PublishedSystem } from "./published-results.ts";
import type { Way } from "./way.ts";

/** A way to rank that is scored. */
export interface Method {
  /** Names its files. */
  readonly name: string;
  readonly title: string;
  readonly way: Way;
  /** Row of the published results that it belongs to. */
  readonly published?: PublishedSystem;
}
