import { requirePositiveInteger, requireRate } from "../require.ts";
import { type SwinConfig, type SwinName, swinVariants } from "./swin-variants.ts";

/** What one Swin transformer is made of. */
export interface SwinGeometry extends Omit<SwinConfig, "window"> {
  /** Rows and columns of a window in each stage. */
  readonly windows: readonly number[];
  readonly dropPathRate: number;
}

/** A published network's numbers, with options in place of some. */
export function swinGeometry(
  caller: string,
  name: SwinName,
  options: { readonly size?: number; readonly window?: number; readonly dropPathRate?: number },
): SwinGeometry {
  const { size: publishedSize, window: publishedWindow, ...config } = swinVariants[name];
  const { size = publishedSize, window = publishedWindow, dropPathRate = 0.1 } = options;
  requirePositiveInteger(caller, "size", size);
  requirePositiveInteger(caller, "window", window);
  requireRate(caller, "dropPathRate", dropPathRate);
  requireFit(caller, size, window);
  return { ...config, size, windows: windowsOf(size, window, config.depths.length), dropPathRate };
}

/** Windows of each stage, no larger than the stage's map of a square image. */
function windowsOf(size: number, window: number, stages: number): readonly number[] {
  return Array.from({ length: stages }, (_, stage) => Math.min(window, Math.floor(size / (4 * 2 ** stage))));
}

/** The side of which an image has a multiple so that windows fit each map. */
export function unitOf(windows: readonly number[]): number {
  return windows.reduce((unit, window, stage) => leastCommonMultiple(unit, 4 * 2 ** stage * window), 1);
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a / divisor(a, b)) * b;
}

function requireFit(caller: string, size: number, window: number): void {
  const fits = (side: number) => side % 32 === 0 && side % unitOf(windowsOf(side, window, 4)) === 0;
  if (fits(size)) return;
  // A multiple of 32 windows always fits.
  const below = sides(size, -1).find(fits);
  const above = sides(size, 1, 32 * window).find(fits)!;
  const next = below === undefined ? `${above} does` : `${below} and ${above} do`;
  throw new RangeError(
    `${caller}: expected \`size\` to fit windows of ${window} in all four stages, as ${next}, got ${size}`,
  );
}

/** The multiples of 32 next to a size, in one direction, the nearest first. */
function sides(size: number, direction: 1 | -1, reach = size): readonly number[] {
  const start = direction === 1 ? Math.ceil(size / 32) : Math.floor(size / 32);
  const length = direction === 1 ? Math.ceil(reach / 32) + 1 : start;
  return Array.from({ length }, (_, step) => 32 * (start + direction * step));
}

/** Refuses a side of an image that windows do not fit. */
export function requireMultiple(caller: string, side: number, unit: number): void {
  if (side > 0 && side % unit === 0) return;
  const below = Math.floor(side / unit) * unit;
  const next = below === 0 ? `${unit} does` : `${below} and ${below + unit} do`;
  throw new RangeError(
    `${caller}: expected \`images\` to have sides that fit the windows, as ${next}, got ${side} pixels`,
  );
}
