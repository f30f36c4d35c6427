import type { Color } from "../color.ts";
import { latticeNoise, valueNoise } from "./noise.ts";
import type { Texel } from "./texture.ts";

/** The textures of the ground. */
export type GroundTexture = "paving" | "grass" | "asphalt" | "cobbles" | "sand" | "rocks";

/** An upright rectangle on the ground, metres. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly back: number;
  readonly front: number;
}

/** The ground of one place; the plane y = 0. */
export interface Ground {
  readonly near: GroundTexture;
  readonly far: GroundTexture;
  /** Where the near texture ends, metres from the middle. */
  readonly reach: number;
  readonly color: Color;
  readonly accent: Color;
  readonly grass: Color;
  /** Size of a slab, metres. */
  readonly slab: number;
  readonly pattern: "plain" | "checker" | "rings" | "stripes";
  /** A path towards the landmark, 0 for none. */
  readonly pathWidth: number;
  readonly water: Area | null;
  /** True when the water is everywhere except in `water`. */
  readonly isIsland: boolean;
}

const sand: Color = [0.52, 0.42, 0.28];
const stone: Color = [0.3, 0.27, 0.23];
const tar: Color = [0.075, 0.075, 0.08];
const marking: Color = [0.5, 0.5, 0.46];

/** Whether a point of the ground is under water. */
export function isWater(ground: Ground, x: number, z: number): boolean {
  if (ground.water === null) return false;
  const { left, right, back, front } = ground.water;
  return (x > left && x < right && z > back && z < front) !== ground.isIsland;
}

/** The material of a dry point of the ground, into `texel`; `footprint` is the size of a sample in metres. */
export function sampleGround(ground: Ground, x: number, z: number, footprint: number, texel: Texel): void {
  texel.gloss = 0;
  texel.glow = 0;
  const distance = Math.sqrt(x * x + z * z);
  const rim = ground.reach * (1 + 0.12 * (valueNoise(x * 0.05, z * 0.05) - 0.5));
  const onPath = ground.pathWidth > 0 && z > 0 && Math.abs(x + 0.04 * z) < ground.pathWidth / 2;
  const texture = distance < rim ? ground.near : ground.far;
  const fade = Math.min(1, Math.max(0, 1.5 - (2 * footprint) / ground.slab));
  const isPaved = onPath && (texture === "grass" || texture === "sand");
  if (isPaved || texture === "paving") slabs(ground, x, z, fade, texel);
  else if (texture === "cobbles") slabs(ground, x, z, fade * 1.6, texel);
  else if (texture === "asphalt") asphalt(x, z, footprint, texel);
  else soil(texture, ground.grass, x, z, footprint, texel);
}

function soil(
  texture: "grass" | "sand" | "rocks",
  grass: Color,
  x: number,
  z: number,
  footprint: number,
  texel: Texel,
): void {
  const fine = Math.min(1, Math.max(0, 1.4 - footprint * 1.5));
  const grain =
    0.82 + 0.3 * valueNoise(x * 0.16, z * 0.16) + fine * 0.25 * (valueNoise(x * 3.1, z * 3.1) - 0.5);
  if (texture === "grass") fill(texel, grass, grain);
  else if (texture === "sand") fill(texel, sand, grain);
  else fill(texel, stone, grain * (0.6 + 0.8 * valueNoise(x * 0.7, z * 0.7)));
}

function slabs(ground: Ground, x: number, z: number, fade: number, texel: Texel): void {
  const u = x / ground.slab;
  const v = z / ground.slab;
  const column = Math.floor(u);
  const row = Math.floor(v);
  const tint = 1 + 0.22 * Math.min(1, fade) * (latticeNoise(column, row) - 0.5);
  const isJoint = u - column < 0.07 || v - row < 0.07;
  const marked =
    ground.pattern === "checker"
      ? ((column + row) & 1) === 1
      : ground.pattern === "rings"
        ? Math.floor(Math.sqrt(x * x + z * z) / (3 * ground.slab)) % 2 === 1
        : ground.pattern === "stripes" && column % 5 === 0;
  fill(texel, marked ? ground.accent : ground.color, tint * (isJoint ? 1 - 0.3 * Math.min(1, fade) : 1));
}

function asphalt(x: number, z: number, footprint: number, texel: Texel): void {
  const fine = Math.min(1, Math.max(0, 1.4 - footprint * 2));
  const grain = 0.9 + 0.25 * valueNoise(x * 0.2, z * 0.4) + fine * 0.15 * (valueNoise(x * 9, z * 9) - 0.5);
  const lane = Math.abs((((z % 9) + 9) % 9) - 4.5) < 0.14 && ((x % 4) + 4) % 4 < 2.2;
  if (lane) fill(texel, marking, 1);
  else fill(texel, tar, grain);
}

function fill(texel: Texel, color: Color, factor: number): void {
  texel.r = color[0] * factor;
  texel.g = color[1] * factor;
  texel.b = color[2] * factor;
}
