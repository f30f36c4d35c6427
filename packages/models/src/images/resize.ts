import { requireName } from "../require.ts";
import { resizeArea } from "./opencv-area.ts";
import { resizeCubic } from "./opencv-cubic.ts";
import { resizeLinear } from "./opencv-linear.ts";
import { bicubic, bilinear, box, lanczos, resizeNearest, resizePillow } from "./pillow.ts";
import { type Pixels, requirePixels, requireSize, type Size } from "./pixels.ts";

/** The ways to resize, named after the functions whose bytes they give. */
export type Kernel =
  | "opencv-linear"
  | "opencv-area"
  | "opencv-cubic"
  | "pillow-nearest"
  | "pillow-box"
  | "pillow-bilinear"
  | "pillow-bicubic"
  | "pillow-lanczos";

/** Options of {@link resizePixels}. */
export interface ResizePixelsOptions extends Size {
  /** Which library's function decides the bytes; see {@link resizePixels} for each one's formula. */
  readonly kernel: Kernel;
}

const resizers: Readonly<Record<Kernel, (image: Pixels, size: Size) => Uint8Array>> = {
  "opencv-linear": resizeLinear,
  "opencv-area": resizeArea,
  "opencv-cubic": resizeCubic,
  "pillow-nearest": resizeNearest,
  "pillow-box": (image, size) => resizePillow(image, size, box),
  "pillow-bilinear": (image, size) => resizePillow(image, size, bilinear),
  "pillow-bicubic": (image, size) => resizePillow(image, size, bicubic),
  "pillow-lanczos": (image, size) => resizePillow(image, size, lanczos),
};

/**
 * An image at another size, byte for byte as OpenCV's or Pillow's own resize gives it.
 *
 * With `s = from / to` on one axis, the middle of output pixel `x` lies at `(x + 1/2) s` of the input and that of input
 * pixel `i` at `i + 1/2`; `t` is their distance, `r = max(1, s)`. Both axes are filtered one after the other. Beyond the
 * border OpenCV repeats the last pixel; Pillow leaves the pixels out and scales the other weights to a sum of 1.
 *
 * ```text
 * opencv-linear     w = 1 - |t|, 2 × 2 pixels at any s: strong shrinking skips pixels
 * opencv-cubic      w = K(t) with a = -3/4, 4 × 4 pixels at any s
 * opencv-area       w = overlap of pixel i with [x s, (x + 1) s] / s: a mean of areas, in float32
 * pillow-nearest    the pixel under (x + 1/2) s
 * pillow-box        w = 1 for -1/2 < t / r <= 1/2
 * pillow-bilinear   w = 1 - |t / r| for |t / r| < 1
 * pillow-bicubic    w = K(t / r) with a = -1/2
 * pillow-lanczos    w = sinc(t / r) sinc(t / (3 r)) for |t / r| < 3, sinc(t) = sin(pi t) / (pi t)
 *
 * K(t) = (a + 2)|t|^3 - (a + 3)|t|^2 + 1          |t| < 1
 *        a (|t|^3 - 5 |t|^2 + 8 |t| - 4)          |t| < 2
 * ```
 *
 * OpenCV rounds linear and cubic weights to 1/2048 and each result once (linear: also in between, to 1/128); Pillow
 * rounds weights to 2^-22 and, between x and y, to bytes. `opencv-linear` that halves both sides is the mean of 2 × 2
 * pixels; `opencv-area` with a side that grows is linear, but each output pixel that lies in one input pixel takes its
 * value.
 *
 * Byte for byte this is OpenCV 4.9 on x86-64 and Pillow 10.4 to 12.1, with three reservations. OpenCV's wheels for
 * x86-64 use Intel's IPP for cubic images of 1, 3 or 4 channels, which differs from OpenCV's own code, and so from
 * this, by at most 1; `cv2.ipp.setUseIPP(False)` turns it off. Pillow 13 filters along y first for some sizes. Pillow
 * multiplies RGBA and LA by alpha first; here all channels are alike, as in its mode CMYK.
 *
 * @param image - Unchanged.
 * @returns A new image with as many channels.
 * @throws RangeError if a side of the image or the result is not a whole number above 0, `channels` is not 1 to 4,
 * `data` has another length than the sides say, or the kernel is unknown. TypeError if `data` is not a Uint8Array.
 *
 * @example
 * ```ts
 * import { resizePixels } from "@lmk/models/images";
 *
 * const ramp = { data: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70), width: 8, height: 1, channels: 1 };
 * [...resizePixels(ramp, { width: 2, height: 1, kernel: "opencv-linear" }).data]; // => [15, 55]
 * [...resizePixels(ramp, { width: 2, height: 1, kernel: "pillow-bilinear" }).data]; // => [19, 51]
 * ```
 *
 * @see {@link https://docs.opencv.org/4.9.0/da/d54/group__imgproc__transform.html | OpenCV, geometric transformations}
 * @see {@link https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters | Pillow, filters}
 */
export function resizePixels(image: Pixels, options: ResizePixelsOptions): Pixels {
  const { width, height, kernel } = options;
  requirePixels("resizePixels", image);
  requireSize("resizePixels", options);
  requireName("resizePixels", "kernel", kernel, resizers);
  const same = width === image.width && height === image.height;
  const data = same ? image.data.slice() : resizers[kernel](image, { width, height });
  return { data, width, height, channels: image.channels };
}
