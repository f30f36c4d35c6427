export { concatenateEmbeddings, type EmbeddingPart } from "./concatenate-embeddings.ts";
export { type ExactSearchOptions, exactSearch } from "./exact-search.ts";
export type { Matrix, Metric, Neighbors } from "./matrix.ts";
export { normalizeRows, stackRows } from "./rows.ts";
