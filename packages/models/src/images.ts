export type { AspectScale } from "./images/aspect-templates.ts";
export { aspectTemplates } from "./images/aspect-templates.ts";
export type {
  Borders,
  Geometry,
  LongestSideOptions,
  Placement,
  Rectangle,
  ShortestSideOptions,
  SquashOptions,
} from "./images/geometry.ts";
export { longestSide, placedSize, shortestSide, squash } from "./images/geometry.ts";
export type { Pixels, Size } from "./images/pixels.ts";
export type {
  Preprocessing,
  PreprocessingPresets,
  TimmPreprocessingOptions,
  TorchvisionPreprocessingOptions,
} from "./images/preprocessing.ts";
export { preprocessings } from "./images/preprocessing.ts";
export type { Kernel, ResizePixelsOptions } from "./images/resize.ts";
export { resizePixels } from "./images/resize.ts";
export type { InputImage } from "./images/to-input.ts";
export { toInput, toInputInto } from "./images/to-input.ts";
