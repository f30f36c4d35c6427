import { type Pixels, pixelsOf } from "./pixels.ts";

/**
 * Turns the hue by a share of the circle, from -0.5 to 0.5, as torchvision does to a Pillow image: through HSV of a byte
 * each, because of which even a turn by 0 changes colors a little; grays stay.
 */
export function shiftHue(pixels: Pixels, share: number): Pixels {
  const { data } = pixels;
  const shift = Math.trunc(share * 255);
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i];
    const green = data[i + 1];
    const blue = data[i + 2];
    const value = Math.max(red, green, blue);
    const spread = value - Math.min(red, green, blue);
    const saturation = spread === 0 ? 0 : Math.trunc((spread / value) * 255);
    if (saturation === 0) {
      put(result, i, value, value, value);
      continue;
    }
    const hue = (hueOf(red, green, blue, value, spread) + shift) & 255;
    writeColor(result, i, hue, saturation, value);
  }
  return pixelsOf(result, pixels);
}

/** The hue in 255ths of the circle, from red over green and blue, with the single precision that Pillow gives it. */
function hueOf(red: number, green: number, blue: number, value: number, spread: number): number {
  const fromRed = Math.fround((value - red) / spread);
  const fromGreen = Math.fround((value - green) / spread);
  const fromBlue = Math.fround((value - blue) / spread);
  let sixths = 4 + fromGreen - fromRed;
  if (green === value) sixths = 2 + fromRed - fromBlue;
  if (red === value) sixths = fromBlue - fromGreen;
  return Math.trunc(Math.fround((Math.fround(sixths) / 6 + 1) % 1) * 255);
}

/** Writes the color of a hue in 255ths, a saturation in 255ths and a value. */
function writeColor(target: Uint8Array, i: number, hue: number, saturation: number, value: number): void {
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const inSector = sixths - sector;
  const strength = saturation / 255;
  const low = Math.round(value * (1 - strength));
  const falling = Math.round(value * (1 - strength * inSector));
  const rising = Math.round(value * (1 - strength * (1 - inSector)));
  switch (sector % 6) {
    case 0:
      put(target, i, value, rising, low);
      break;
    case 1:
      put(target, i, falling, value, low);
      break;
    case 2:
      put(target, i, low, value, rising);
      break;
    case 3:
      put(target, i, low, falling, value);
      break;
    case 4:
      put(target, i, rising, low, value);
      break;
    default:
      put(target, i, value, low, falling);
  }
}

function put(target: Uint8Array, i: number, red: number, green: number, blue: number): void {
  target[i] = red;
  target[i + 1] = green;
  target[i + 2] = blue;
}
