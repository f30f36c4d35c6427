import type { AugmentationDraw, Size } from "@lmk/data";

/** What `augmentPixels` documents, pixel by pixel and without haste. */
export function augmentLiterally(
  pixels: Uint8Array,
  { width, height }: Size,
  draw: AugmentationDraw,
): Uint8Array {
  const sheared =
    draw.shearDegrees === 0 ? pixels : shearLiterally(pixels, { width, height }, draw.shearDegrees);
  const recolored = sheared.map((v) => Math.max(0, Math.min(255, Math.floor(v * draw.gain + draw.offset))));
  const { crop } = draw;
  const cropped = (y: number, x: number, channel: number): number => {
    const [sourceY, sourceX] = [y + crop.top, x + crop.left];
    const isInside = sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width;
    return isInside ? recolored[(sourceY * width + sourceX) * 3 + channel] : 0;
  };
  const clamp = (value: number, length: number): number => Math.max(0, Math.min(length - 1, value));
  return Uint8Array.from(pixels, (_, i) => {
    const y = Math.floor(i / 3 / width);
    const x = Math.floor(i / 3) % width;
    const sourceY = clamp(((y + 0.5) * crop.height) / height - 0.5, crop.height);
    const place = draw.flip ? width - 1 - x : x;
    const sourceX = clamp(((place + 0.5) * crop.width) / width - 0.5, crop.width);
    const value = interpolate(sourceY, sourceX, (row, column) =>
      cropped(clamp(row, crop.height), clamp(column, crop.width), i % 3),
    );
    return Math.floor(value + 0.5);
  });
}

function shearLiterally(pixels: Uint8Array, { width, height }: Size, degrees: number): Uint8Array {
  const angle = (degrees / 180) * Math.PI;
  return Uint8Array.from(pixels, (_, i) => {
    const x = (Math.floor(i / 3) % width) - (width - 1) / 2;
    const y = Math.floor(i / 3 / width) - (height - 1) / 2;
    const sourceY = y / Math.cos(angle);
    const sourceX = x + Math.sin(angle) * sourceY;
    const value = interpolate(sourceY + (height - 1) / 2, sourceX + (width - 1) / 2, (row, column) => {
      const isInside = row >= 0 && row < height && column >= 0 && column < width;
      return isInside ? pixels[(row * width + column) * 3 + (i % 3)] : 0;
    });
    return Math.floor(value + 0.5);
  });
}

function interpolate(y: number, x: number, at: (row: number, column: number) => number): number {
  const [row, column] = [Math.floor(y), Math.floor(x)];
  const [fy, fx] = [y - row, x - column];
  const upper = at(row, column) * (1 - fx) + at(row, column + 1) * fx;
  const lower = at(row + 1, column) * (1 - fx) + at(row + 1, column + 1) * fx;
  return upper * (1 - fy) + lower * fy;
}
