import { type Pixels, pixelsOf } from "./pixels.ts";
import { roundHalfEven } from "./round-half-even.ts";

/** `x' = a x + b y + c` and `y' = d x + e y + f`, from places of the image to places of the result. */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Places are counted in 1024ths while they are added up, and in 32nds when pixels are blended. */
const placeBits = 10;
const blendBits = 5;
const blendUnits = 1 << blendBits;

/**
 * Warps an image to one of the same size, bilinearly, with 0 outside, with the integers of `cv2.warpAffine`
 * (`INTER_LINEAR`, `BORDER_CONSTANT`): the inverse matrix gives places in 1024ths, of which 32nds are used.
 */
export function warpAffine(pixels: Pixels, matrix: AffineMatrix): Pixels {
  const { width, height } = pixels;
  const [a, b, c, d, e, f] = invert(matrix);
  const unit = 2 ** placeBits;
  const half = unit / blendUnits / 2;
  const across = Int32Array.from({ length: width }, (_, x) => roundHalfEven(a * x * unit));
  const down = Int32Array.from({ length: width }, (_, x) => roundHalfEven(d * x * unit));
  const result = new Uint8Array(pixels.data.length);
  for (let y = 0; y < height; y++) {
    const startX = roundHalfEven((b * y + c) * unit) + half;
    const startY = roundHalfEven((e * y + f) * unit) + half;
    warpRow(pixels, across, down, startX, startY, result, y * width * 3);
  }
  return pixelsOf(result, pixels);
}

function warpRow(
  { data, width, height }: Pixels,
  across: Int32Array,
  down: Int32Array,
  startX: number,
  startY: number,
  result: Uint8Array,
  start: number,
): void {
  const shift = placeBits - blendBits;
  const rounding = (blendUnits * blendUnits) / 2;
  const stride = width * 3;
  let target = start;
  for (let x = 0; x < width; x++, target += 3) {
    const placeX = (startX + across[x]) >> shift;
    const placeY = (startY + down[x]) >> shift;
    const column = placeX >> blendBits;
    const row = placeY >> blendBits;
    if (column < -1 || column >= width || row < -1 || row >= height) continue;
    const right = placeX & (blendUnits - 1);
    const lower = placeY & (blendUnits - 1);
    const left = blendUnits - right;
    const upper = blendUnits - lower;
    let topLeft = (row * width + column) * 3;
    let topRight = topLeft + 3;
    let bottomLeft = topLeft + stride;
    let bottomRight = bottomLeft + 3;
    let wTopLeft = upper * left;
    let wTopRight = upper * right;
    let wBottomLeft = lower * left;
    let wBottomRight = lower * right;
    const hasLeft = column >= 0;
    const hasRight = column + 1 < width;
    const hasUpper = row >= 0;
    const hasLower = row + 1 < height;
    // A neighbor outside has weight 0, and any pixel stands for it.
    if (!(hasUpper && hasLeft)) topLeft = wTopLeft = 0;
    if (!(hasUpper && hasRight)) topRight = wTopRight = 0;
    if (!(hasLower && hasLeft)) bottomLeft = wBottomLeft = 0;
    if (!(hasLower && hasRight)) bottomRight = wBottomRight = 0;
    for (let channel = 0; channel < 3; channel++) {
      result[target + channel] =
        (data[topLeft + channel] * wTopLeft +
          data[topRight + channel] * wTopRight +
          data[bottomLeft + channel] * wBottomLeft +
          data[bottomRight + channel] * wBottomRight +
          rounding) >>
        (2 * blendBits);
    }
  }
}

function invert([a, b, c, d, e, f]: AffineMatrix): AffineMatrix {
  const share = 1 / (a * e - b * d);
  const [inverseA, inverseB, inverseD, inverseE] = [e * share, b * -share, d * -share, a * share];
  return [inverseA, inverseB, -inverseA * c - inverseB * f, inverseD, inverseE, -inverseD * c - inverseE * f];
}
