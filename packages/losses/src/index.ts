export type { ArcFaceOptions } from "./arcface.ts";
export { arcFace, arcFaceLogits } from "./arcface.ts";
export type { ClassWeightsOptions } from "./class-weights.ts";
export { arcFaceParameters, softmaxParameters } from "./class-weights.ts";
export { crossEntropy } from "./cross-entropy.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
export { softmax, softmaxLogits } from "./softmax.ts";
