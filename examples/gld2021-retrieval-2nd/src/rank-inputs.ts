import type { Matrix, Neighbors } from "@lmk/index";
import type { NetworkName } from "./chains.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { ListName } from "./search-lists.ts";
import type { References } from "./searched.ts";

/** What a way ranks by. */
export interface RankInputs {
  /** Those of the ensemble. */
  readonly networks: readonly NetworkName[];
  readonly references: Pick<References, "classes" | "countries">;
  readonly settings: Pick<
    InferenceSettings,
    "MODEL_LIST" | "MODEL_WEIGHT" | "K1" | "K2" | "LAMBDA" | "VOTE_NUM"
  >;
  /** Those of `neededLists`. */
  readonly list: (name: ListName) => Neighbors;
  /** Embeddings of queries and index images, one after another; for k-reciprocal neighbors. */
  readonly pool?: Matrix;
  /** The lists of each network, those of `votedLists`; for ways that compare index images with all references of a landmark. */
  readonly voted?: ReadonlyMap<NetworkName, Neighbors>;
}
