import { UserError } from "@lmk-example/kit";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { ReferenceSet } from "./searched.ts";
import type { Way } from "./way.ts";

/** How the settings of inference say that all networks together rank. */
export function wayOfSettings(settings: InferenceSettings, references: ReferenceSet): Way {
  const { CATEGORY_RERANK, KR_FLAG, LOCAL_MATCHING, alpha, beta } = settings;
  requireOneOf("CATEGORY_RERANK", CATEGORY_RERANK, ["off", "before_merge", "after_merge"]);
  requireOneOf("LOCAL_MATCHING", LOCAL_MATCHING, ["off", "spg"]);
  const way: Way = {
    networks: "ensemble",
    // Before the merge the original does not look at KR_FLAG.
    similarity: KR_FLAG && CATEGORY_RERANK !== "before_merge" ? "k-reciprocal" : "cosine",
    local: LOCAL_MATCHING === "spg",
  };
  if (CATEGORY_RERANK === "off") return way;
  const category = {
    kind: "tags",
    merge: CATEGORY_RERANK,
    votes: "k-reciprocal",
    references,
    landmarkWeight: alpha,
    countryWeight: beta,
  } as const;
  return { ...way, category };
}

function requireOneOf(key: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new UserError(`${key}: expected one of ${known.join(", ")}, got ${value}; correct it`);
}
