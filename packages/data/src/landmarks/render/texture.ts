import type { Color } from "../color.ts";
import { latticeNoise, valueNoise } from "./noise.ts";
import type { Surface } from "./surface.ts";
import { lastWindow, sampleWindows } from "./window-grid.ts";

/** The material of one point of a surface; one object is filled again and again. */
export interface Texel {
  r: number;
  g: number;
  b: number;
  gloss: number;
  glow: number;
}

/** What the textures know about the photo: how many windows are lit, and which. */
export interface TextureMood {
  /** Share of the windows with a light behind them. */
  readonly litWindows: number;
  readonly litSeed: number;
  /** Strength of the lamps, 0 by day. */
  readonly lamps: number;
}

/**
 * The material of a surface at `u`, `v` (metres), into `texel`.
 *
 * `footprint` is the size of a sample in metres: a texture fades out before it gets finer than that.
 */
export function sampleTexture(
  surface: Surface,
  at: { readonly u: number; readonly v: number; readonly footprint: number },
  mood: TextureMood,
  texel: Texel,
): void {
  texel.gloss = surface.gloss;
  texel.glow = surface.glow >= 0 ? surface.glow : -surface.glow * mood.lamps;
  const { u, v } = at;
  if (surface.windows !== null && sampleWall(surface, u, v, mood, texel)) return;
  const fade = Math.min(1, Math.max(0, 1.4 - (2.2 * at.footprint) / surface.scale));
  samplePattern(surface, u, v, fade, texel);
}

function sampleWall(surface: Surface, u: number, v: number, mood: TextureMood, texel: Texel): boolean {
  const windows = surface.windows!;
  const part = sampleWindows(windows, u, v);
  if (part === "wall") return false;
  if (part === "trim") paint(texel, windows.trim, 1);
  else if (part === "frame") paint(texel, windows.frame, 1);
  else if (part === "shutter")
    paint(texel, windows.shutter, Math.abs(v * 4 - Math.round(v * 4)) < 0.2 ? 0.7 : 1);
  else if (part === "shade") paint(texel, windows.glass, 0.25);
  else {
    const hit = lastWindow();
    paint(texel, windows.glass, 0.6 + 0.8 * hit);
    texel.gloss = 0.55;
    const lit = (hit * 61 + mood.litSeed) % 1;
    if (lit < mood.litWindows) {
      texel.glow = 0.9 * mood.lamps * (0.6 + hit);
      texel.r = 1;
      texel.g = 0.72;
      texel.b = 0.36;
      texel.gloss = 0.1;
    }
  }
  return true;
}

function paint(texel: Texel, color: Color, factor: number): void {
  texel.r = color[0] * factor;
  texel.g = color[1] * factor;
  texel.b = color[2] * factor;
}

/** The accent where `amount` is 1, the base colour where it is 0, all times `light`. */
function blend(texel: Texel, surface: Surface, amount: number, light: number): void {
  const { color, accent } = surface;
  texel.r = (color[0] + (accent[0] - color[0]) * amount) * light;
  texel.g = (color[1] + (accent[1] - color[1]) * amount) * light;
  texel.b = (color[2] + (accent[2] - color[2]) * amount) * light;
}

/** Width of a joint as a share of a block, and how much the blocks differ. */
interface Bond {
  readonly joint: number;
  readonly tint: number;
}

const bonds: Readonly<Record<"brick" | "ashlar" | "tiles" | "shingles", Bond>> = {
  brick: { joint: 0.13, tint: 0.45 },
  ashlar: { joint: 0.07, tint: 0.3 },
  tiles: { joint: 0.24, tint: 0.5 },
  shingles: { joint: 0.16, tint: 0.7 },
};

function samplePattern(surface: Surface, u: number, v: number, fade: number, texel: Texel): void {
  const { scale, variation } = surface;
  const stain = 1 + variation * 0.35 * (valueNoise(u * 0.31, v * 0.23) - 0.5);
  const x = u / scale;
  const y = v / scale;
  switch (surface.kind) {
    case "brick":
      sampleCourses(surface, x, y * 2.6, bonds.brick, fade, stain, texel);
      return;
    case "ashlar":
      sampleCourses(surface, x, y * 1.9, bonds.ashlar, fade, stain, texel);
      return;
    case "tiles":
      sampleCourses(surface, x * 1.6, y * 1.6, bonds.tiles, fade, stain, texel);
      return;
    case "shingles":
      sampleCourses(surface, x * 2, y, bonds.shingles, fade, stain, texel);
      return;
    case "rubble":
    case "rock": {
      const lump = valueNoise(x * 2.1, y * 2.6) - 0.5;
      blend(
        texel,
        surface,
        fade * Math.max(0, -lump) * 1.6 * variation,
        stain * (1 + fade * variation * lump),
      );
      return;
    }
    case "marble": {
      const vein = Math.abs(valueNoise(x * 0.9 + 2 * valueNoise(x, y), y * 0.9) - 0.5);
      blend(texel, surface, vein < 0.05 ? variation * fade : 0, stain);
      return;
    }
    case "stripes":
      blend(texel, surface, y - Math.floor(y) < variation ? 1 : 0, stain);
      return;
    case "checker": {
      const odd = (Math.floor(x) + Math.floor(y)) & 1;
      blend(texel, surface, odd, stain);
      return;
    }
    case "seams":
      blend(texel, surface, x - Math.floor(x) < 0.14 ? fade * 0.8 : 0, stain);
      return;
    case "planks": {
      const plank = Math.floor(x);
      const tint = 1 + variation * 0.4 * (latticeNoise(plank, 3) - 0.5);
      blend(texel, surface, x - plank < 0.1 ? fade : 0, stain * tint);
      return;
    }
    case "foliage": {
      const leaf =
        valueNoise(x * 3.1, y * 3.1) +
        0.6 * fade * (latticeNoise(Math.floor(x * 7), Math.floor(y * 7)) - 0.5);
      blend(texel, surface, Math.min(1, Math.max(0, 1.5 * (0.6 - leaf))), 0.75 + 0.6 * leaf);
      return;
    }
    case "coffers": {
      const inX = Math.abs(x - Math.floor(x) - 0.5);
      const inY = Math.abs(y - Math.floor(y) - 0.5);
      blend(texel, surface, Math.max(inX, inY) < 0.34 ? 1 : 0, stain);
      return;
    }
    case "lattice": {
      const a = Math.abs(x + y - Math.round(x + y));
      const b = Math.abs(x - y - Math.round(x - y));
      blend(texel, surface, Math.min(a, b) < 0.14 ? 0 : 1, stain);
      return;
    }
    case "fabric":
      blend(texel, surface, Math.max(0, valueNoise(x * 5, y * 2) - 0.55), stain);
      return;
    case "rose":
      sampleRose(surface, u, v, texel);
      return;
    case "clock":
      sampleClock(surface, u, v, texel);
      return;
    default:
      blend(texel, surface, 0, stain);
      return;
  }
}

/** Blocks laid in courses, each second one shifted by half a block. */
function sampleCourses(
  surface: Surface,
  x: number,
  y: number,
  bond: Bond,
  fade: number,
  stain: number,
  texel: Texel,
): void {
  const course = Math.floor(y);
  const shifted = x + (course & 1) * 0.5;
  const block = Math.floor(shifted);
  const tint = 1 + surface.variation * bond.tint * fade * (latticeNoise(block, course) - 0.5);
  const joint = shifted - block < bond.joint * 0.5 || y - course < bond.joint;
  blend(texel, surface, joint ? fade * (0.35 + 0.4 * surface.variation) : 0, stain * tint);
}

/** A rose window on a disc whose coordinates run from -1 to 1. */
function sampleRose(surface: Surface, u: number, v: number, texel: Texel): void {
  const radius = Math.sqrt(u * u + v * v);
  const turn = (Math.atan2(v, u) / (2 * Math.PI) + 1) * surface.detail;
  const petal = Math.abs(turn - Math.floor(turn) - 0.5) * 2;
  const tracery = radius > 0.86 || Math.abs(radius - 0.26) < 0.06 || (radius > 0.26 && petal > 0.78);
  const lobe = radius > 0.62 && (radius - 0.62) * 3.4 > 1 - petal * 0.9;
  blend(texel, surface, tracery || lobe ? 0 : 1, 1);
  if (!(tracery || lobe)) texel.gloss = 0.3;
}

/** A clock face on a disc whose coordinates run from -1 to 1; `detail` is the time in hours. */
function sampleClock(surface: Surface, u: number, v: number, texel: Texel): void {
  const radius = Math.sqrt(u * u + v * v);
  const turn = (Math.atan2(u, v) / (2 * Math.PI) + 1) % 1;
  const mark = turn * 12 - Math.round(turn * 12);
  const ring = radius > 0.9 || (radius > 0.66 && radius < 0.86 && Math.abs(mark) < 0.16);
  const hour = onHand(u, v, surface.detail / 12, 0.5, 0.085);
  const minute = onHand(u, v, surface.detail % 1, 0.78, 0.055);
  blend(texel, surface, ring || hour || minute ? 1 : 0, 1);
}

function onHand(u: number, v: number, turn: number, length: number, width: number): boolean {
  const x = Math.sin(turn * 2 * Math.PI);
  const y = Math.cos(turn * 2 * Math.PI);
  const along = u * x + v * y;
  return along > -0.1 && along < length && Math.abs(u * y - v * x) < width;
}
