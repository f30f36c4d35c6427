import type { Pixels } from "../../images/pixels.ts";
import { gaussianBlur, type Plane } from "./gaussian-blur.ts";

/** The blur that a photo is taken to have, in pixels (Lowe, section 3.3). */
const blurOfPhotos = 0.5;

/** What an octave of the scale space holds: images of one size, each more blurred than the one before. */
export interface Octave {
  readonly width: number;
  readonly height: number;
  /** `octaveLayers + 3` blurred images; layer i has `σ 2^(i / octaveLayers)`, in pixels of the octave. */
  readonly layers: readonly Float32Array[];
}

/** The gray values of an image, 0 to 255: `(9798 R + 19235 G + 3735 B + 2^14) >> 15`, as OpenCV computes them. */
export function grayPlane({ data, width, height, channels }: Pixels): Plane {
  if (channels === 1) return { data: Float32Array.from(data), width, height };
  const gray = new Float32Array(width * height);
  for (let i = 0, from = 0; i < gray.length; i++, from += channels) {
    gray[i] = (9798 * data[from]! + 19235 * data[from + 1]! + 3735 * data[from + 2]! + 16384) >> 15;
  }
  return { data: gray, width, height };
}

/** Twice the sides: each pixel is ¾ of the nearest and ¼ of the next one, along both axes, as OpenCV resizes. */
export function doubledPlane({ data, width, height }: Plane): Plane {
  const doubled = new Float32Array(4 * width * height);
  for (let y = 0; y < 2 * height; y++) {
    const near = (y >> 1) * width;
    const far = clamped((y >> 1) + 2 * (y & 1) - 1, height) * width;
    for (let x = 0; x < 2 * width; x++) {
      const nearColumn = x >> 1;
      const farColumn = clamped(nearColumn + 2 * (x & 1) - 1, width);
      const nearest = 9 * data[near + nearColumn]! + 3 * data[near + farColumn]!;
      const next = 3 * data[far + nearColumn]! + data[far + farColumn]!;
      doubled[2 * y * width + x] = (nearest + next) / 16;
    }
  }
  return { data: doubled, width: 2 * width, height: 2 * height };
}

/** The first layer of the first octave: the image, doubled or not, blurred from what photos have to σ. */
export function firstLayer(gray: Plane, sigma: number, doubled: boolean): Plane {
  const blur = doubled ? 2 * blurOfPhotos : blurOfPhotos;
  const missing = Math.fround(Math.sqrt(Math.max(sigma * sigma - blur * blur, 0.01)));
  return gaussianBlur(doubled ? doubledPlane(gray) : gray, missing);
}

/**
 * How many octaves an image has: `log₂(shorter side) - 2`, rounded, of the first octave, and one more if it is doubled.
 * The last one's shorter side is about 4 pixels, or 2 where the first is doubled.
 */
export function octaveCount({ width, height }: Plane, doubled: boolean): number {
  return Math.max(0, Math.round(Math.log2(Math.min(width, height)) - 2) + Number(doubled));
}

/** Blurs the first layer of an octave to `octaveLayers + 3`, each from the one before. */
export function blurredOctave(first: Plane, sigma: number, octaveLayers: number): Octave {
  const factor = 2 ** (1 / octaveLayers);
  const layers = [first.data];
  let layer = first;
  for (let i = 1; i < octaveLayers + 3; i++) {
    const before = factor ** (i - 1) * sigma;
    const after = before * factor;
    layer = gaussianBlur(layer, Math.sqrt(after * after - before * before));
    layers.push(layer.data);
  }
  return { width: first.width, height: first.height, layers };
}

/** Every second pixel of every second row of the layer with 2σ: the first layer of the next octave. */
export function nextFirstLayer({ width, height, layers }: Octave, octaveLayers: number): Plane {
  const source = layers[octaveLayers]!;
  const half = { width: width >> 1, height: height >> 1 };
  const data = new Float32Array(half.width * half.height);
  for (let y = 0, to = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++, to++) data[to] = source[2 * y * width + 2 * x]!;
  }
  return { data, ...half };
}

function clamped(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}
