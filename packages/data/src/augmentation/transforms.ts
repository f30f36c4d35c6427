import {
  type BrightnessContrast,
  type BrightnessContrastDraw,
  brightnessContrastRule,
} from "./brightness-contrast.ts";
import { type ColorJitter, type ColorJitterDraw, colorJitterRule } from "./color-jitter.ts";
import { type CropZoom, type CropZoomDraw, cropZoomRule } from "./crop-zoom.ts";
import { type Cutout, type CutoutDraw, cutoutRule } from "./cutout.ts";
import { type GaussianBlur, type GaussianBlurDraw, gaussianBlurRule } from "./gaussian-blur.ts";
import { type HorizontalFlip, type HorizontalFlipDraw, horizontalFlipRule } from "./horizontal-flip.ts";
import { type JpegCompression, type JpegCompressionDraw, jpegCompressionRule } from "./jpeg-compression.ts";
import { type MotionBlur, type MotionBlurDraw, motionBlurRule } from "./motion-blur.ts";
import { type PadRandomCrop, type PadRandomCropDraw, padRandomCropRule } from "./pad-random-crop.ts";
import { type RandAugment, type RandAugmentDraw, randAugmentRule } from "./rand-augment/rand-augment.ts";
import { type RandomErasing, type RandomErasingDraw, randomErasingRule } from "./random-erasing.ts";
import { type Resize, type ResizeDraw, resizeRule } from "./resize.ts";
import { type Shear, type ShearDraw, shearRule } from "./shear.ts";
import {
  type ShiftScaleRotate,
  type ShiftScaleRotateDraw,
  shiftScaleRotateRule,
} from "./shift-scale-rotate.ts";
import type { TransformRule } from "./transform-rule.ts";

/**
 * One step of an augmentation, as plain data: it can be written to a configuration, compared, and sent to a thread. The
 * function of its name makes it, with the defaults filled in.
 */
export type ImageTransform =
  | BrightnessContrast
  | ColorJitter
  | CropZoom
  | Cutout
  | GaussianBlur
  | HorizontalFlip
  | JpegCompression
  | MotionBlur
  | PadRandomCrop
  | RandAugment
  | RandomErasing
  | Resize
  | Shear
  | ShiftScaleRotate;

/** What a transform does to one image, as plain data. */
export type TransformDraw =
  | BrightnessContrastDraw
  | ColorJitterDraw
  | CropZoomDraw
  | CutoutDraw
  | GaussianBlurDraw
  | HorizontalFlipDraw
  | JpegCompressionDraw
  | MotionBlurDraw
  | PadRandomCropDraw
  | RandAugmentDraw
  | RandomErasingDraw
  | ResizeDraw
  | ShearDraw
  | ShiftScaleRotateDraw;

type Rules = {
  readonly [Name in ImageTransform["name"]]: TransformRule<
    Extract<ImageTransform, { readonly name: Name }>,
    Extract<TransformDraw, { readonly name: Name }>
  >;
};

/** Every transform, by name. */
export const transformRules: Rules = {
  brightnessContrast: brightnessContrastRule,
  colorJitter: colorJitterRule,
  cropZoom: cropZoomRule,
  cutout: cutoutRule,
  gaussianBlur: gaussianBlurRule,
  horizontalFlip: horizontalFlipRule,
  jpegCompression: jpegCompressionRule,
  motionBlur: motionBlurRule,
  padRandomCrop: padRandomCropRule,
  randAugment: randAugmentRule,
  randomErasing: randomErasingRule,
  resize: resizeRule,
  shear: shearRule,
  shiftScaleRotate: shiftScaleRotateRule,
};

/** The rule of a transform or a draw. */
export function ruleOf({
  name,
}: {
  readonly name: ImageTransform["name"];
}): TransformRule<ImageTransform, TransformDraw> {
  return transformRules[name] as unknown as TransformRule<ImageTransform, TransformDraw>;
}
