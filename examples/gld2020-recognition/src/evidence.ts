import type { Neighbors } from "@lmk/rerank/recognition";
import type { ListName } from "./list-names.ts";
import type { MemberName } from "./train-run.ts";

/** What is known of the test images. */
export interface Evidence {
  /** The landmark of each searched image. */
  readonly labels: Int32Array;
  readonly members: readonly MemberName[];
  /** Lists of the ways that are asked for; of `test-classes` ids are landmarks. */
  readonly list: (name: ListName) => Neighbors;
}
