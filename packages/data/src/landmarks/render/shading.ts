import type { Color } from "../color.ts";
import type { Mesh } from "../geometry/mesh.ts";
import { isWater, sampleGround } from "./ground.ts";
import type { Light } from "./light.ts";
import { latticeNoise, valueNoise } from "./noise.ts";
import { planeStride, type Raster } from "./raster.ts";
import type { Scene } from "./scene.ts";
import type { ShadowMap } from "./shadow-map.ts";
import { sampleSky } from "./sky.ts";
import { sampleTexture, type Texel } from "./texture.ts";

/** The colour of water that mirrors nothing. */
const deepWater: Color = [0.02, 0.06, 0.07];

/** A place, a direction and a normal, filled again and again. */
interface Probe {
  x: number;
  y: number;
  z: number;
  nx: number;
  ny: number;
  nz: number;
}

/** Turns what a raster found into light, sample by sample. */
export class Shader {
  /** The light of the sample asked for last: red, green, blue. */
  readonly color: Float32Array = new Float32Array(3);
  #scene!: Scene;
  #shadows!: ShadowMap;
  #hazePerMeter = 0;
  #texel: Texel = { r: 0, g: 0, b: 0, gloss: 0, glow: 0 };
  #probe: Probe = { x: 0, y: 0, z: 0, nx: 0, ny: 0, nz: 0 };
  #direction = { x: 0, y: 0, z: 0 };
  #at = { u: 0, v: 0, footprint: 0 };
  #sky = new Float32Array(3);

  /** Sets what is to be shaded. */
  prepare(scene: Scene, shadows: ShadowMap): void {
    this.#scene = scene;
    this.#shadows = shadows;
    const { center } = scene.focus;
    const { position } = scene.camera;
    const metres = Math.hypot(center[0] - position[0], center[1] - position[1], center[2] - position[2]);
    this.#hazePerMeter = -Math.log(scene.light.clarity) / Math.max(1, metres);
  }

  /** Points the ray through a sample; its part along the optical axis is 1. */
  aim(x: number, y: number): void {
    const { camera } = this.#scene;
    const across = (x - camera.centerX) / camera.focal;
    const up = (camera.centerY - y) / camera.focal;
    const direction = this.#direction;
    direction.x = camera.forward[0] + across * camera.right[0] + up * camera.up[0];
    direction.y = camera.forward[1] + across * camera.right[1] + up * camera.up[1];
    direction.z = camera.forward[2] + across * camera.right[2] + up * camera.up[2];
  }

  /**
   * Shades the triangle that the raster found at a sample, or the ground where that hides it; call {@link aim}
   * first. False, and no colour, where it is under water.
   */
  shadeFace(raster: Raster, mesh: Mesh, row: number, x: number, y: number): boolean {
    const { planes } = raster;
    const at = planeStride * row;
    const inverse = planes[at]! * x + planes[at + 1]! * y + planes[at + 2]!;
    const depth = 1 / inverse;
    const triangle = raster.triangleOf[row]!;
    const surface = mesh.surfaces[mesh.surfaceOf[triangle]!]!;
    this.#at.u = (planes[at + 3]! * x + planes[at + 4]! * y + planes[at + 5]!) * depth;
    this.#at.v = (planes[at + 6]! * x + planes[at + 7]! * y + planes[at + 8]!) * depth;
    this.#at.footprint = depth / this.#scene.camera.focal;
    this.#locate(depth);
    const probe = this.#probe;
    if (probe.y < -0.02 && this.#scene.ground !== null) return this.shadeBackground();
    if (raster.isSmooth[row] === 1) {
      const nx = planes[at + 9]! * x + planes[at + 10]! * y + planes[at + 11]!;
      const ny = planes[at + 12]! * x + planes[at + 13]! * y + planes[at + 14]!;
      const nz = planes[at + 15]! * x + planes[at + 16]! * y + planes[at + 17]!;
      const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
      probe.nx = nx / length;
      probe.ny = ny / length;
      probe.nz = nz / length;
    } else {
      probe.nx = mesh.normals[9 * triangle]!;
      probe.ny = mesh.normals[9 * triangle + 1]!;
      probe.nz = mesh.normals[9 * triangle + 2]!;
    }
    const direction = this.#direction;
    if (probe.nx * direction.x + probe.ny * direction.y + probe.nz * direction.z > 0) {
      probe.nx = -probe.nx;
      probe.ny = -probe.ny;
      probe.nz = -probe.nz;
    }
    sampleTexture(surface, this.#at, this.#scene.light.mood, this.#texel);
    this.#lightProbe(depth);
    return true;
  }

  /** Shades the sky or the dry ground; false, and no colour, where there is water. */
  shadeBackground(): boolean {
    const { ground, light, backdrop, camera } = this.#scene;
    const direction = this.#direction;
    if (ground === null || direction.y > -1e-4) {
      sampleSky(light, backdrop, direction, this.color);
      return true;
    }
    const depth = -camera.position[1] / direction.y;
    this.#locate(depth);
    const probe = this.#probe;
    if (isWater(ground, probe.x, probe.z)) return false;
    const footprint = (depth / camera.focal) * Math.min(4, 0.5 / Math.max(0.02, -direction.y));
    probe.nx = 0;
    probe.ny = 1;
    probe.nz = 0;
    sampleGround(ground, probe.x, probe.z, footprint, this.#texel);
    if (light.wet > 0) {
      const puddle = valueNoise(probe.x * 0.3, probe.z * 0.3) < 0.55 * light.wet ? 0.5 : 0.15;
      this.#texel.gloss = Math.max(this.#texel.gloss, light.wet * puddle);
      const dark = 1 - 0.4 * light.wet;
      this.#texel.r *= dark;
      this.#texel.g *= dark;
      this.#texel.b *= dark;
    }
    this.#lightProbe(depth);
    return true;
  }

  /**
   * Shades water at the aimed sample, with a mirror image taken from the film.
   *
   * `lookUp` gives the light already found at a sample of the image into `color`, or false.
   */
  shadeWater(lookUp: (x: number, y: number, color: Float32Array) => boolean): void {
    const { camera, light, backdrop, focus } = this.#scene;
    const direction = this.#direction;
    const depth = -camera.position[1] / direction.y;
    this.#locate(depth);
    const { x, z } = this.#probe;
    const calm = Math.min(1, 25 / Math.max(1, depth));
    const ripple =
      (valueNoise(x * 0.9, z * 2.6) - 0.5) * 0.1 * (0.35 + calm) +
      (latticeNoise(x * 31, z * 31) - 0.5) * 0.03;
    const rx = direction.x + ripple * 0.7;
    const ry = -direction.y + Math.abs(ripple) * 0.4;
    const rz = direction.z;
    const { forward, position } = camera;
    const toward = rx * forward[0] + ry * forward[1] + rz * forward[2];
    const wall =
      (focus.center[0] - position[0]) * forward[0] +
      (focus.center[1] - position[1]) * forward[1] +
      (focus.center[2] - position[2]) * forward[2];
    const far = Math.max(wall, depth * 1.05);
    const t = (far - depth) / Math.max(0.05, toward);
    const qx = x + rx * t - position[0];
    const qy = ry * t - position[1];
    const qz = z + rz * t - position[2];
    const qDepth = qx * forward[0] + qy * forward[1] + qz * forward[2];
    const px =
      camera.centerX +
      (camera.focal * (qx * camera.right[0] + qy * camera.right[1] + qz * camera.right[2])) / qDepth;
    const py =
      camera.centerY - (camera.focal * (qx * camera.up[0] + qy * camera.up[1] + qz * camera.up[2])) / qDepth;
    if (!lookUp(px, py, this.#sky)) {
      direction.x = rx;
      direction.y = Math.max(0.001, ry);
      direction.z = rz;
      sampleSky(light, backdrop, direction, this.#sky);
    }
    const steep = ry / Math.sqrt(rx * rx + ry * ry + rz * rz);
    const mirror = 0.12 + 0.75 * (1 - Math.min(1, steep)) ** 3;
    const haze = 1 - Math.exp(-depth * this.#hazePerMeter);
    for (let c = 0; c < 3; c++) {
      const body = deepWater[c]! * (light.fromSky[c]! * 1.6 + light.sun[c]! * 0.5);
      const value = body + (this.#sky[c]! * 0.92 - body) * mirror;
      this.color[c] = value + (light.haze[c]! - value) * haze;
    }
  }

  #locate(depth: number): void {
    const { position } = this.#scene.camera;
    this.#probe.x = position[0] + this.#direction.x * depth;
    this.#probe.y = position[1] + this.#direction.y * depth;
    this.#probe.z = position[2] + this.#direction.z * depth;
  }

  #lightProbe(depth: number): void {
    const { light, focus } = this.#scene;
    const { x, y, z, nx, ny, nz } = this.#probe;
    const texel = this.#texel;
    if (light.snow > 0) whiten(texel, light, ny, valueNoise(x * 0.8, z * 0.8));
    const facing = nx * light.toSun[0] + ny * light.toSun[1] + nz * light.toSun[2];
    const direct = facing > 0 ? facing * this.#shadows.lightAt(x, y, z) : 0;
    const above = 0.5 + 0.5 * ny;
    const soft = 0.72 + 0.28 * facing;
    const corner = y < 2.5 && ny < 0.9 ? 0.72 + 0.28 * (y / 2.5) : 1;
    const flood =
      Math.max(0, 1 - y / (focus.radius * 1.6)) * (0.35 + 0.65 * Math.max(0, nz * 0.8 + 0.2 * Math.abs(nx)));
    const inFocus =
      Math.abs(x - focus.center[0]) + Math.abs(z - focus.center[2]) < focus.radius * 2 ? flood : 0.06;
    const mirror = texel.gloss > 0.02 ? this.#reflect() : 0;
    const haze = 1 - Math.exp(-depth * this.#hazePerMeter);
    const { fromSky, fromGround, sun, flood: lamps, haze: far } = light;
    const below = 1 - above;
    const { glow } = texel;
    const inShade0 = (fromSky[0] * above + fromGround[0] * below) * corner * soft;
    const inShade1 = (fromSky[1] * above + fromGround[1] * below) * corner * soft;
    const inShade2 = (fromSky[2] * above + fromGround[2] * below) * corner * soft;
    let r = texel.r * (inShade0 + sun[0] * direct + lamps[0] * inFocus + glow);
    let g = texel.g * (inShade1 + sun[1] * direct + lamps[1] * inFocus + glow);
    let b = texel.b * (inShade2 + sun[2] * direct + lamps[2] * inFocus + glow);
    if (mirror > 0) {
      const sky = this.#sky;
      r += (sky[0]! - r) * mirror;
      g += (sky[1]! - g) * mirror;
      b += (sky[2]! - b) * mirror;
    }
    const color = this.color;
    color[0] = r + (far[0] - r) * haze;
    color[1] = g + (far[1] - g) * haze;
    color[2] = b + (far[2] - b) * haze;
  }

  /** The sky in the mirror direction, into the sky buffer; returns the share of it that is seen. */
  #reflect(): number {
    const { nx, ny, nz } = this.#probe;
    const direction = this.#direction;
    const { x, y, z } = direction;
    const length = Math.sqrt(x * x + y * y + z * z);
    const along = x * nx + y * ny + z * nz;
    direction.x = x - 2 * along * nx;
    direction.y = Math.abs(y - 2 * along * ny) + 0.02;
    direction.z = z - 2 * along * nz;
    sampleSky(this.#scene.light, this.#scene.backdrop, direction, this.#sky);
    direction.x = x;
    direction.y = y;
    direction.z = z;
    const grazing = 1 - Math.abs(along) / length;
    return this.#texel.gloss * (0.35 + 0.65 * grazing * grazing);
  }
}

/** Snow on what faces up. */
function whiten(texel: Texel, light: Light, up: number, drift: number): void {
  const cover =
    light.snow * Math.min(1, Math.max(0, (up - 0.35) * 3)) * Math.min(1, 0.5 + drift + light.snow * 0.3);
  texel.r += (0.82 - texel.r) * cover;
  texel.g += (0.84 - texel.g) * cover;
  texel.b += (0.88 - texel.b) * cover;
  texel.gloss *= 1 - cover;
}
