export { type ExpandQueriesOptions, expandQueries } from "./alpha-query-expansion.ts";
export type { LabelPredictions, PredictLabelsOptions } from "./label-prediction.ts";
export { predictLabels } from "./label-prediction.ts";
export type { InsertionThreshold, RerankByLabelOptions } from "./label-reranking.ts";
export { rerankByLabel } from "./label-reranking.ts";
export type { Matrix, Neighbors } from "./matrix.ts";
export { type ExpandQueriesWithDecayOptions, expandQueriesWithDecay } from "./query-expansion-with-decay.ts";
