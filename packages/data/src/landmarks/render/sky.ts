import type { Color } from "../color.ts";
import type { Light } from "./light.ts";
import { latticeNoise, valueNoise } from "./noise.ts";

/** Entries of a silhouette around the horizon. */
export const silhouetteSteps = 1024;

/** Far things around the place, as heights above the horizon (tangent of the angle) for each direction. */
export interface Backdrop {
  readonly layers: readonly {
    readonly heights: Float32Array;
    readonly color: Color;
    /** Share of the haze in front of it. */
    readonly haze: number;
    /** Shows lit windows by night. */
    readonly isTown: boolean;
  }[];
}

/** The sky or the far silhouettes in a direction (any length), into `out` (red, green, blue). */
export function sampleSky(
  light: Light,
  backdrop: Backdrop,
  direction: { readonly x: number; readonly y: number; readonly z: number },
  out: Float32Array,
): void {
  const flat = Math.sqrt(direction.x * direction.x + direction.z * direction.z) || 1e-6;
  const slope = direction.y / flat;
  const turn = Math.atan2(direction.x, direction.z) / (2 * Math.PI);
  const step = Math.floor((turn + 1) * silhouetteSteps) % silhouetteSteps;
  for (const layer of backdrop.layers) {
    if (slope > layer.heights[step]!) continue;
    sampleLayer(light, layer, step, slope, out);
    return;
  }
  sampleAir(light, direction, flat, slope, out);
}

function sampleLayer(
  light: Light,
  layer: Backdrop["layers"][number],
  step: number,
  slope: number,
  out: Float32Array,
): void {
  const { haze, color } = layer;
  const shade = 0.75 + 0.4 * valueNoise(step * 0.11, slope * 90);
  const snow = light.snow * 0.7;
  for (let c = 0; c < 3; c++) {
    const lit = (light.fromSky[c]! * 0.75 + light.sun[c]! * 0.28) * shade;
    const own = (color[c]! * (1 - snow) + 0.8 * snow) * lit;
    out[c] = own + (light.haze[c]! - own) * haze;
  }
  if (
    layer.isTown &&
    latticeNoise(Math.floor(step * 1.5), Math.floor(slope * 260)) < light.mood.litWindows * 0.35
  ) {
    out[0] = out[0]! + 0.5 * light.mood.lamps * (1 - haze);
    out[1] = out[1]! + 0.36 * light.mood.lamps * (1 - haze);
    out[2] = out[2]! + 0.17 * light.mood.lamps * (1 - haze);
  }
}

function sampleAir(
  light: Light,
  direction: { readonly x: number; readonly y: number; readonly z: number },
  flat: number,
  slope: number,
  out: Float32Array,
): void {
  const length = Math.sqrt(flat * flat + direction.y * direction.y);
  const up = Math.max(0, direction.y / length);
  const rise = Math.sqrt(up);
  const toward =
    (direction.x * light.toSun[0] + direction.y * light.toSun[1] + direction.z * light.toSun[2]) / length;
  const glow = toward > 0 ? toward ** 8 * 0.6 + sunDisc(toward) : 0;
  const height = 1 / (0.06 + Math.max(0, slope));
  const cloudX = (direction.x / flat) * height * light.cloudScale + light.cloudShift[0];
  const cloudZ = (direction.z / flat) * height * light.cloudScale + light.cloudShift[1];
  const edge = 0.88 - 0.62 * light.cloudCover;
  const density = light.cloudCover > 0.02 ? cloudDensity(cloudX, cloudZ, edge) : 0;
  const cloud = Math.min(1, Math.max(0, (density - edge) * 5)) * Math.min(1, up * 9);
  const body = 1 - 0.35 * Math.min(1, Math.max(0, (density - edge - 0.12) * 4));
  for (let c = 0; c < 3; c++) {
    const air = light.horizon[c]! + (light.zenith[c]! - light.horizon[c]!) * rise + glow * light.glow[c]!;
    out[c] = air + (light.cloud[c]! * body - air) * cloud;
  }
  if (light.stars > 0 && cloud < 0.3) {
    const star = latticeNoise(
      Math.floor((direction.x / length) * 300),
      Math.floor(up * 300 + (direction.z / length) * 41),
    );
    if (star > 0.997) {
      for (let c = 0; c < 3; c++) out[c] = out[c]! + 0.12 * light.stars;
    }
  }
}

/** The sun itself. Away from it, the power is too small to change the sum that it is added to. */
function sunDisc(toward: number): number {
  return toward < 0.8 ? 0 : toward ** 200 * 2;
}

/** Three octaves of noise; only the first, where even the most of the others would leave the sky clear. */
function cloudDensity(x: number, y: number, edge: number): number {
  const first = 0.57 * valueNoise(x, y);
  if (first + 0.4301 < edge) return first;
  return (
    first +
    0.29 * valueNoise(2.03 * x + 17.1, 2.03 * y + 5.7) +
    0.14 * valueNoise(4.11 * x + 3.3, 4.11 * y + 41.9)
  );
}
