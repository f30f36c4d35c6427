import type { Tensor } from "onnxruntime-node";
import { fromFloat16 } from "../../embedder/float16.ts";
import type { Matrix } from "../../embedder/rows.ts";
import type { Size } from "../../images/pixels.ts";
import { detectKeypoints } from "../detect-keypoints.ts";
import { sampleDescriptors } from "../sample-descriptors.ts";
import type { ImageLocalFeatures } from "./detector.ts";
import { upperLeft } from "./place-image.ts";

/** The network's input, and the part of it that is the image. */
export interface InputSizes {
  readonly padded: Size;
  readonly image: Size;
}

/** Features of outputs that are points. */
export function sparseFeatures(
  caller: string,
  outputs: { readonly points: Tensor; readonly scores: Tensor | undefined; readonly descriptors: Tensor },
  padded: Size,
  coordinates: "pixels" | "normalized",
): ImageLocalFeatures {
  const points = floatsOf(outputs.points);
  const { dims } = outputs.points;
  const count = dims[dims.length - 2] ?? 0;
  if (!isOneImage(dims, 2) || dims[dims.length - 1] !== 2) {
    throw shapeError(caller, "points", "[1, N, 2]", dims);
  }
  if (coordinates === "normalized") {
    const halves = [(padded.width - 1) / 2, (padded.height - 1) / 2] as const;
    for (let i = 0; i < points.length; i++) points[i] = (points[i]! + 1) * halves[i % 2]!;
  }
  const scores = outputs.scores && floatsOf(outputs.scores);
  if (scores !== undefined && scores.length !== count) {
    throw shapeError(caller, "scores", `[1, ${count}]`, outputs.scores!.dims);
  }
  return {
    points,
    // Without scores the order of the points stands for them.
    scores: scores ?? Float32Array.from({ length: count }, (_, i) => 1 - i / count),
    descriptors: descriptorRows(caller, outputs.descriptors, count),
  };
}

/** Rows of `[N, D]`, `[1, N, D]` or `[1, D, N]`; where N is D, the first two. */
function descriptorRows(caller: string, tensor: Tensor, count: number): Matrix {
  const [first, second] = tensor.dims.slice(-2);
  const isColumns = tensor.dims.length === 3 && second === count;
  if (!isOneImage(tensor.dims, 2) || !(first === count || isColumns)) {
    throw shapeError(caller, "descriptors", `[1, ${count}, D]`, tensor.dims);
  }
  const data = floatsOf(tensor);
  if (first === count) return { data, rows: count, columns: second! };
  return { data: transposed(data, first!, count), rows: count, columns: first! };
}

/** Features of outputs that are maps: maxima of the score, and descriptors sampled there. */
export function denseFeatures(
  caller: string,
  outputs: { readonly scoreMap: Tensor; readonly descriptorMap: Tensor },
  { padded, image }: InputSizes,
  options: { readonly limit: number; readonly threshold?: number },
): ImageLocalFeatures {
  const { dims } = outputs.scoreMap;
  const [height, width] = dims.slice(-2);
  if (dims.slice(0, -2).some((side) => side !== 1) || width !== padded.width || height !== padded.height) {
    throw shapeError(caller, "scoreMap", `[1, 1, ${padded.height}, ${padded.width}]`, dims);
  }
  const scores = upperLeft(floatsOf(outputs.scoreMap), padded.width, image);
  const found = detectKeypoints({ scores, height: image.height, width: image.width }, options);
  return { ...found, descriptors: sampled(caller, outputs.descriptorMap, padded, found.points) };
}

function sampled(caller: string, tensor: Tensor, padded: Size, points: Float32Array): Matrix {
  const { dims } = tensor;
  const [dimension, height, width] = dims.slice(-3);
  const stride = padded.height / height!;
  if (!isOneImage(dims, 3) || !Number.isInteger(stride) || padded.width / width! !== stride) {
    const shape = `[1, D, ${padded.height} / s, ${padded.width} / s]`;
    throw shapeError(caller, "descriptorMap", shape, dims);
  }
  const descriptors = transposed(floatsOf(tensor), dimension!, height! * width!);
  const last = [width! - 1, height! - 1] as const;
  const places = points.map((value, i) => Math.min(last[i % 2]!, Math.max(0, (value + 0.5) / stride - 0.5)));
  return sampleDescriptors({ descriptors, height: height!, width: width!, dimension: dimension! }, places);
}

/** Whether there are `axes` axes, or one more of length 1 before them. */
function isOneImage(dims: readonly number[], axes: number): boolean {
  return dims.length === axes || (dims.length === axes + 1 && dims[0] === 1);
}

/** The numbers of a tensor, copied. */
function floatsOf({ data, type }: Tensor): Float32Array {
  if (type === "float16" && data instanceof Uint16Array) return fromFloat16(data);
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data as Float32Array);
}

/** `[columns, rows]` from `[rows, columns]`. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column]!;
    }
  }
  return result;
}

function shapeError(caller: string, role: string, expected: string, got: readonly number[]): RangeError {
  return new RangeError(
    `${caller}: expected the output for ${role} to have shape ${expected}, got [${got.join(", ")}]`,
  );
}
