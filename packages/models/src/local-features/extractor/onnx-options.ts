import type { InferenceSession } from "onnxruntime-node";

/** Names of the outputs of a network that gives points. */
export interface SparseOutputs {
  /** `[N, 2]` or `[1, N, 2]`: x and y of each point. */
  readonly points: string;
  /** `[N]`, `[1, N]`, `[N, 1]` or `[1, N, 1]`; without it the points come best first. */
  readonly scores?: string;
  /** `[N, D]`, `[1, N, D]` or `[1, D, N]`. */
  readonly descriptors: string;
}

/** Names of the outputs of a network that gives maps. */
export interface DenseOutputs {
  /** `[1, 1, H, W]` of the input's size, between 0 and 1. */
  readonly scoreMap: string;
  /** `[1, D, h, w]`, of the input's size or a whole fraction of it. */
  readonly descriptorMap: string;
}

/** Local features of an ONNX file, such as exports of SuperPoint, DISK, ALIKED and XFeat. */
export interface OnnxFeatures {
  readonly kind: "onnx";
  /** The file, or its bytes. It takes one image at a time. */
  readonly onnx: string | Uint8Array;
  /**
   * Which of the file's inputs takes the image, as float32.
   *
   * @defaultValue its only float32 input with four axes
   */
  readonly input?: string;
  /**
   * Values of the other inputs, numbers alone or in an array of one, such as XFeat's `top_k`.
   *
   * @defaultValue none
   */
  readonly feeds?: Readonly<Record<string, number>>;
  /**
   * Which of the file's outputs are the features.
   *
   * @defaultValue by their shapes, and where that is not enough by their names
   */
  readonly outputs?: SparseOutputs | DenseOutputs;
  /**
   * Order of the axes of the input.
   *
   * @defaultValue "NHWC" if the last axis of the input is 1 or 3 and the second is not, else "NCHW"
   */
  readonly layout?: "NCHW" | "NHWC";
  /**
   * 3 for red, green and blue, 1 for gray: 0.299 red + 0.587 green + 0.114 blue, as SuperPoint takes.
   *
   * @defaultValue what the file says, else 3
   */
  readonly channels?: 1 | 3;
  /**
   * Taken off red, green and blue, which are from 0 to 1.
   *
   * @defaultValue [0, 0, 0]
   */
  readonly mean?: readonly [number, number, number];
  /**
   * What red, green and blue are divided by then; `1 / 255` each gives the bytes.
   *
   * @defaultValue [1, 1, 1]
   */
  readonly std?: readonly [number, number, number];
  /**
   * Sides are padded to a multiple of this at the right and below, with zeros; points there are left out. 16 for DISK, 32
   * for XFeat and ALIKED, 8 for SuperPoint.
   *
   * @defaultValue 1, and the file's size where it takes no other
   */
  readonly multiple?: number;
  /**
   * `"pixels"` of the input, or `"normalized"`: from -1 in the middle of the first pixel to 1 in that of the last, as in the
   * exports of ALIKED alone.
   *
   * @defaultValue "pixels"
   */
  readonly coordinates?: "pixels" | "normalized";
  /**
   * Points with this score or a lower one are left out.
   *
   * @defaultValue none of a network that gives points; that of `detectKeypoints`, 0.2, for one that gives maps
   */
  readonly threshold?: number;
  /**
   * Options of onnxruntime's session, such as `executionProviders` or `intraOpNumThreads`.
   *
   * @defaultValue onnxruntime's
   */
  readonly session?: InferenceSession.SessionOptions;
}
