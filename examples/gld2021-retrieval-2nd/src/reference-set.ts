import { basename } from "node:path";
import { UserError } from "@lmk-example/kit";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import { listFile } from "./lists/list-names.ts";
import type { ReferenceSet } from "./searched.ts";

const sets: readonly ReferenceSet[] = ["full", "index_train"];

/**
 * The references that `REF_SET_LIST` names by its file.
 *
 * @throws UserError for another list: that of all images has the queries themselves.
 */
export function referenceSetOf({ REF_SET_LIST }: Pick<InferenceSettings, "REF_SET_LIST">): ReferenceSet {
  const found = sets.find((name) => listFile(name) === basename(REF_SET_LIST));
  if (found !== undefined) return found;
  const expected = sets.map(listFile).join(" or ");
  throw new UserError(`REF_SET_LIST: expected ${expected}, got ${REF_SET_LIST}; set it to one of them`);
}
