export type { DownloadProgress, FetchWeightsOptions } from "./hub/fetch-weights.ts";
export { fetchWeights } from "./hub/fetch-weights.ts";
export type { PretrainedWeightsName } from "./hub/pretrained-weights.ts";
export { pretrainedWeights } from "./hub/pretrained-weights.ts";
export type { WeightsDownloadErrorCode } from "./hub/weights-download-error.ts";
export { WeightsDownloadError } from "./hub/weights-download-error.ts";
export type { WeightsPathOptions } from "./hub/weights-path.ts";
export { weightsPath } from "./hub/weights-path.ts";
export type { HubWeights, ReleaseWeights, WeightsSource } from "./hub/weights-source.ts";
