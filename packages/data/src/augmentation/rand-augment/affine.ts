import { type Pixels, pixelsOf } from "../pixels.ts";

/** How a pixel between others is found. */
export type Interpolation = "nearest" | "bilinear";

/** `[a, b, c, d, e, f]`: the result at `(x, y)` is the image at `(a x + b y + c, d x + e y + f)`. */
export type InverseMatrix = readonly [number, number, number, number, number, number];

/** What {@link affine} does where the result lies between pixels or outside of the image. */
export interface AffineLook {
  readonly interpolation: Interpolation;
  /** The byte of all channels outside of the image. */
  readonly fill: number;
}

/** Moves an image as Pillow's `Image.transform` does, in its own size. Pixels are squares: the first middle is at 0.5. */
export function affine(pixels: Pixels, matrix: InverseMatrix, { interpolation, fill }: AffineLook): Pixels {
  const result = new Uint8Array(pixels.data.length).fill(fill);
  if (interpolation === "nearest") takeNearest(pixels, matrix, result);
  else interpolate(pixels, matrix, result);
  return pixelsOf(result, pixels);
}

const one = 65536;

/** In 65,536ths, which add up without an error. */
function takeNearest({ data, width, height }: Pixels, matrix: InverseMatrix, result: Uint8Array): void {
  const [a, b, c, d, e, f] = matrix;
  const [xPerColumn, xPerRow, firstX] = [fixed(a), fixed(b), fixed(c + a * 0.5 + b * 0.5)];
  const [yPerColumn, yPerRow, firstY] = [fixed(d), fixed(e), fixed(f + d * 0.5 + e * 0.5)];
  for (let row = 0; row < height; row++) {
    let x = firstX + row * xPerRow;
    let y = firstY + row * yPerRow;
    let target = row * width * 3;
    for (let column = 0; column < width; column++) {
      const sourceX = Math.floor(x / one);
      const sourceY = Math.floor(y / one);
      if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
        const source = (sourceY * width + sourceX) * 3;
        result[target] = data[source];
        result[target + 1] = data[source + 1];
        result[target + 2] = data[source + 2];
      }
      x += xPerColumn;
      y += yPerColumn;
      target += 3;
    }
  }
}

function fixed(value: number): number {
  return Math.floor(value * one + 0.5);
}

/** The border is repeated between the outermost middles and the edge; fractions are cut off. */
function interpolate({ data, width, height }: Pixels, matrix: InverseMatrix, result: Uint8Array): void {
  const [a, b, c, d, e, f] = matrix;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
      const left = Math.floor(x - 0.5);
      const top = Math.floor(y - 0.5);
      const fromLeft = x - 0.5 - left;
      const fromTop = y - 0.5 - top;
      const first = Math.max(left, 0) * 3;
      const second = Math.min(left + 1, width - 1) * 3;
      const upper = Math.max(top, 0) * width * 3;
      const lower = Math.min(top + 1, height - 1) * width * 3;
      const target = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const above = between(data[upper + first + channel], data[upper + second + channel], fromLeft);
        const below = between(data[lower + first + channel], data[lower + second + channel], fromLeft);
        result[target + channel] = between(above, below, fromTop);
      }
    }
  }
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
