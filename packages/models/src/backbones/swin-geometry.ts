import { requireDepths, requirePositiveInteger, requireRate } from "../require.ts";
import { type SwinName, swinVariants } from "./swin-variants.ts";

/** What one Swin transformer is made of. */
export interface SwinGeometry {
  /** Channels of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** Blocks in each stage. */
  readonly depths: readonly number[];
  /** Attention heads in each stage. */
  readonly heads: readonly number[];
  /** Height and width of an image, in pixels. */
  readonly size: number;
  /** Rows and columns of a window in each stage. */
  readonly windows: readonly number[];
  readonly dropPathRate: number;
}

/** The numbers of a published network that options take the place of. */
export interface SwinGeometryOptions {
  readonly width?: number;
  readonly depths?: readonly number[];
  readonly heads?: readonly number[];
  readonly size?: number;
  readonly window?: number;
  readonly dropPathRate?: number;
}

/** A published network's numbers, with options in place of some. */
export function swinGeometry(caller: string, name: SwinName, options: SwinGeometryOptions): SwinGeometry {
  const published = swinVariants[name];
  const { width = published.width, depths = published.depths, dropPathRate = 0.1 } = options;
  const { size = published.size, window = published.window } = options;
  const { heads = published.heads.slice(0, depths.length) } = options;
  requirePositiveInteger(caller, "width", width);
  if (depths.length === 0 || depths.length > 4) {
    throw new RangeError(`${caller}: expected \`depths\` to be of 1 to 4 stages, got ${depths.length}`);
  }
  requireDepths(caller, "depths", depths, depths.length);
  requireDepths(caller, "heads", heads, depths.length);
  requireHeads(caller, width, heads);
  requirePositiveInteger(caller, "size", size);
  requirePositiveInteger(caller, "window", window);
  requireRate(caller, "dropPathRate", dropPathRate);
  requireFit(caller, size, window, depths.length);
  return { width, depths, heads, size, windows: windowsOf(size, window, depths.length), dropPathRate };
}

/** Refuses heads that do not share a stage's channels evenly. */
function requireHeads(caller: string, width: number, heads: readonly number[]): void {
  const stage = heads.findIndex((count, at) => (width * 2 ** at) % count !== 0);
  if (stage === -1) return;
  throw new RangeError(
    `${caller}: expected \`heads\` to divide the channels of their stage, got ${heads[stage]} for ${width * 2 ** stage} channels`,
  );
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

function requireFit(caller: string, size: number, window: number, stages: number): void {
  const stride = 4 * 2 ** (stages - 1);
  const fits = (side: number) => side % stride === 0 && side % unitOf(windowsOf(side, window, stages)) === 0;
  if (fits(size)) return;
  // A multiple of the last stage's stride times the window always fits.
  const below = sidesBelow(size, stride).find(fits);
  const above = sidesAbove(size, stride, window).find(fits)!;
  const next = below === undefined ? `${above} does` : `${below} and ${above} do`;
  const where = ["its one stage", "both stages", "all three stages", "all four stages"][stages - 1];
  throw new RangeError(
    `${caller}: expected \`size\` to fit windows of ${window} in ${where}, as ${next}, got ${size}`,
  );
}

/** The multiples of a stride that are no larger than a size, the largest first. */
function sidesBelow(size: number, stride: number): readonly number[] {
  const start = Math.floor(size / stride);
  return Array.from({ length: start }, (_, step) => stride * (start - step));
}

/** A multiple of a stride that is no smaller than a size, and as many after it as a window has rows. */
function sidesAbove(size: number, stride: number, window: number): readonly number[] {
  const start = Math.ceil(size / stride);
  return Array.from({ length: window + 1 }, (_, step) => stride * (start + step));
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
