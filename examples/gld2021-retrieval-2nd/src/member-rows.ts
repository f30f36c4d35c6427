import { type EmbeddingRows, weightedRows } from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { Embeddings } from "./retrieval-context.ts";
import type { ReferenceSet, References, Searched } from "./searched.ts";
import type { Part } from "./system.ts";

/** What was embedded, and with which networks. */
export interface SearchedSystem {
  readonly searched: Searched;
  readonly embeddings: Embeddings;
}

/** The factor of a network's similarities, `MODEL_WEIGHT`; 1 for a network that `MODEL_LIST` does not have. */
export function weightOf(
  { MODEL_LIST, MODEL_WEIGHT }: Pick<InferenceSettings, "MODEL_LIST" | "MODEL_WEIGHT">,
  network: NetworkName,
): number {
  return MODEL_WEIGHT[MODEL_LIST.indexOf(network)] ?? 1;
}

/**
 * The embeddings of a part by some networks, of length 1: the inner product of two is the mean of the networks' cosines by
 * their weights.
 */
export function rowsOf(
  { searched, embeddings }: SearchedSystem,
  part: Part,
  networks: readonly { readonly network: NetworkName; readonly weight: number }[],
): EmbeddingRows {
  const stages = networks.map(({ network }) => {
    const stage = embeddings.get(network)?.[part];
    if (stage === undefined) throw new RangeError(`expected embeddings of ${part} by ${network}, got none`);
    return stage;
  });
  // Side by side, a network counts by the square of its factor.
  const weights = networks.map(({ weight }) => (networks.length > 1 ? Math.sqrt(weight) : 1));
  const settings = { part, networks: networks.map(({ network }) => network), weights };
  return weightedRows(stages, weights, { rows: countOf(searched, part), settings });
}

/** The references of a set: the first ones of all, or all. */
export function rowsOfSet(rows: EmbeddingRows, references: References, set: ReferenceSet): EmbeddingRows {
  const count = sizeOfSet(references, set);
  return count === rows.rows ? rows : firstRows(rows, count);
}

/** How many references a set has. */
export function sizeOfSet({ rows, trainCount }: References, set: ReferenceSet): number {
  return set === "full" ? trainCount : rows.length;
}

function firstRows(base: EmbeddingRows, count: number): EmbeddingRows {
  return {
    rows: count,
    settings: { first: count, of: base.settings },
    stages: base.stages,
    async open() {
      const source = await base.open();
      return {
        rows: count,
        columns: source.columns,
        blocks: (range) => source.blocks(range),
        [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
      };
    },
  };
}

function countOf({ queries, images, references }: Searched, part: Part): number {
  if (part === "queries") return queries.length;
  return part === "index" ? images.length : references.rows.length;
}
