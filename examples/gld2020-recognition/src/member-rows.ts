import { type EmbeddingRows, usableRows, weightedRows } from "@lmk-example/kit";
import type { EmbeddedSystem, Part } from "./system.ts";
import type { MemberName } from "./train-run.ts";

/**
 * The embeddings of a part by some networks: each network's row of length 1, side by side, the whole brought to length 1.
 * So the similarity of two images is the mean of the networks' cosines.
 */
export function rowsOf(
  { data, embeddings }: Pick<EmbeddedSystem, "data" | "embeddings">,
  members: readonly MemberName[],
  part: Part,
): EmbeddingRows {
  const stages = members.map((member) => {
    const stage = embeddings.get(member)?.[part];
    if (stage === undefined) throw new RangeError(`expected embeddings of ${part} by ${member}, got none`);
    return stage;
  });
  const rows = part === "gallery" ? data.gallery.rows.length : usableRows(data.prepared, "test").length;
  const weights = members.map(() => 1);
  return weightedRows(stages, weights, { rows, settings: { part, members } });
}
