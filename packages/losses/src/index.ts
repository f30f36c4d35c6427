export type { ClassRowsOptions } from "./class-rows.ts";
export { arcFaceParameters, softmaxParameters } from "./class-rows.ts";
export type { ArcFaceOptions } from "./classification/arcface.ts";
export { arcFace, arcFaceLogits } from "./classification/arcface.ts";
export { crossEntropy } from "./classification/cross-entropy.ts";
export { softmax, softmaxLogits } from "./classification/softmax.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
