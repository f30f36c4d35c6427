/** Linear-light red, green and blue; 1 is a perfect white under a light of 1. */
export type Color = readonly [number, number, number];

/** A colour given as the usual `#rrggbb`. */
export function colorFromHex(hex: string): Color {
  const value = Number.parseInt(hex.slice(1), 16);
  return [linear((value >> 16) & 255), linear((value >> 8) & 255), linear(value & 255)];
}

/** A point between two colours; `amount` 0 is `a`, 1 is `b`. */
export function mixColors(a: Color, b: Color, amount: number): Color {
  return [a[0] + (b[0] - a[0]) * amount, a[1] + (b[1] - a[1]) * amount, a[2] + (b[2] - a[2]) * amount];
}

/** The colour times a number. */
export function scaleColor(color: Color, factor: number): Color {
  return [color[0] * factor, color[1] * factor, color[2] * factor];
}

/** The mean of the channels as the eye weighs them. */
export function luminance(color: Color): number {
  return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2];
}

/** From hue (in turns), saturation and lightness, all in [0, 1]. */
export function colorFromHue(hue: number, saturation: number, lightness: number): Color {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const position = (offset + hue * 12) % 12;
    return linear(255 * (lightness - chroma * Math.max(-1, Math.min(position - 3, 9 - position, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
