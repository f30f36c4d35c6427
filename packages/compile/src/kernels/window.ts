import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { permuted, type Value } from "../value.ts";
import { slice } from "./movement.ts";

/** tfjs's channels-last images stored channels first: N, C, H, W. */
export const channelsFirst: readonly number[] = [0, 3, 1, 2];

/** tfjs's H, W, I, O filters stored as ONNX wants them: O, I, H, W. */
export const outputChannelsFirst: readonly number[] = [3, 2, 0, 1];

/** The geometry of a sliding window, with the bottom and right padding that makes ONNX give tfjs's output size. */
export interface Window {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly outShape: readonly number[];
  /** The order in which images are stored: channels first, whichever way tfjs sees them. */
  readonly imageOrder: readonly number[];
}

type Padding = "valid" | "same" | number | backend_util.ExplicitPadding;

/** The geometry of a convolution; `depthwise` filters are H, W, C, multiplier. */
export function convolutionWindow(
  inShape: readonly number[],
  filterShape: readonly number[],
  attributes: Attributes,
  depthwise = false,
): Window {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attributes;
  const layout = dataFormat === "NCHW" ? "channelsFirst" : "channelsLast";
  const info = backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides as [number, number],
    (dilations as [number, number] | undefined) ?? 1,
    pad as Padding,
    dimRoundingMode as "floor" | undefined,
    depthwise,
    layout,
  );
  return windowFrom(info, layout === "channelsFirst" ? [0, 1, 2, 3] : channelsFirst);
}

/** The geometry of a pooling window. */
export function poolingWindow(inShape: readonly number[], attributes: Attributes): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = backend_util.computePool2DInfo(
    inShape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as Padding,
    dimRoundingMode as "floor" | undefined,
  );
  return windowFrom(info, channelsFirst);
}

function windowFrom(info: backend_util.Conv2DInfo, imageOrder: readonly number[]): Window {
  const { padInfo, strideHeight, strideWidth } = info;
  const reach = (outputs: number, stride: number, size: number) => (outputs - 1) * stride + size;
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    kernel: [info.filterHeight, info.filterWidth],
    strides: [strideHeight, strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    top: padInfo.top,
    left: padInfo.left,
    bottom: reach(info.outHeight, strideHeight, info.effectiveFilterHeight) - info.inHeight - padInfo.top,
    right: reach(info.outWidth, strideWidth, info.effectiveFilterWidth) - info.inWidth - padInfo.left,
    outShape: info.outShape,
    imageOrder,
  };
}

/** ONNX pads: beginnings, then ends. A window that leaves rows unread has an end below zero, written as 0. */
export function onnxPads({ top, left, bottom, right }: Window): number[] {
  return [top, left, Math.max(bottom, 0), Math.max(right, 0)];
}

/** Images seen as N, C, H, W, whichever way tfjs sees them. */
export function asImages(value: Value, window: Window): Value {
  return permuted(value, window.imageOrder);
}

/** Whether every window lies in the padding before the images; tfjs allows it where `pad` is a number. */
export function readsNothing({ height, width, bottom, right }: Window): boolean {
  return height + bottom <= 0 || width + right <= 0;
}

/** N, C, H, W images without the rows and columns at the end that no window reads. */
export function withoutUnreadEnds(tracer: Tracer, images: Value, { bottom, right }: Window): Value {
  const [batch, channels, height, width] = images.shape;
  const size = [batch, channels, height + Math.min(bottom, 0), width + Math.min(right, 0)];
  return slice(tracer, images, [0, 0, 0, 0], size);
}

/** N, C, H, W images as tfjs sees them. */
export function fromImages(images: Value, { imageOrder }: Window): Value {
  return permuted(
    images,
    [0, 1, 2, 3].map((axis) => imageOrder.indexOf(axis)),
  );
}
