import { Raster } from "./raster.ts";
import type { Scene } from "./scene.ts";
import { Shader } from "./shading.ts";
import { ShadowMap } from "./shadow-map.ts";

/** Samples along each side of a pixel. */
export const samplesPerSide = 2;

/** Linear light for each pixel, three numbers a pixel. */
export interface Film {
  readonly width: number;
  readonly height: number;
  readonly light: Float32Array;
}

/** Draws scenes; keeps its buffers from one to the next. */
export class Exposure {
  #raster = new Raster();
  #shadows = new ShadowMap();
  #shader = new Shader();
  #light = new Float32Array(0);
  /** Samples of each pixel that have their light; the others show water. */
  #known = new Uint8Array(0);

  /**
   * The light that falls on each pixel of the scene's camera, whose size is in samples.
   *
   * The film is valid until the next call.
   */
  expose(scene: Scene): Film {
    const { camera, mesh, focus, light } = scene;
    this.#raster.reset(camera.width, camera.height);
    this.#raster.draw(mesh, camera);
    this.#shadows.draw(mesh, light.toSun, focus.center, focus.radius * 1.35);
    this.#shader.prepare(scene, this.#shadows);
    const width = camera.width / samplesPerSide;
    const height = camera.height / samplesPerSide;
    if (this.#known.length < width * height) {
      this.#light = new Float32Array(3 * width * height);
      this.#known = new Uint8Array(width * height);
    }
    this.#light.fill(0, 0, 3 * width * height);
    this.#known.fill(0, 0, width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) this.#exposePixel(scene, x, y, width);
    }
    if (scene.ground?.water) this.#exposeWater(width, height);
    return { width, height, light: this.#light };
  }

  #exposePixel(scene: Scene, x: number, y: number, width: number): void {
    const raster = this.#raster;
    const corner = samplesPerSide * (y * raster.width + x);
    const rows = raster.visible;
    const a = rows[corner]!;
    const b = rows[corner + 1]!;
    const c = rows[corner + raster.width]!;
    const d = rows[corner + raster.width + 1]!;
    const pixel = y * width + x;
    if (a === b && a === c && a === d && a >= 0) {
      const { mesh } = scene;
      const surface = mesh.surfaces[mesh.surfaceOf[raster.triangleOf[a]!]!]!;
      if (surface.windows === null) {
        this.#exposeFace(scene, a, 2 * x + 0.7, 2 * y + 0.7, pixel, 2);
        this.#exposeFace(scene, a, 2 * x + 1.3, 2 * y + 1.3, pixel, 2);
        return;
      }
    }
    let background = 0;
    for (let sample = 0; sample < 4; sample++) {
      const row = sample === 0 ? a : sample === 1 ? b : sample === 2 ? c : d;
      if (row < 0) background += 1;
      else this.#exposeFace(scene, row, 2 * x + 0.5 + (sample & 1), 2 * y + 0.5 + (sample >> 1), pixel, 1);
    }
    if (background === 0) return;
    this.#shader.aim(2 * x + 1, 2 * y + 1);
    if (this.#shader.shadeBackground()) this.#add(pixel, background);
  }

  #exposeFace(scene: Scene, row: number, x: number, y: number, pixel: number, weight: number): void {
    this.#shader.aim(x, y);
    if (this.#shader.shadeFace(this.#raster, scene.mesh, row, x, y)) this.#add(pixel, weight);
  }

  /** Adds the shader's colour to a pixel, clipped so that one spark does not fill it. */
  #add(pixel: number, samples: number): void {
    const { color } = this.#shader;
    const share = samples / 4;
    for (let c = 0; c < 3; c++) {
      const value = color[c]!;
      this.#light[3 * pixel + c] = this.#light[3 * pixel + c]! + share * Math.min(value, 2.5);
    }
    this.#known[pixel] = this.#known[pixel]! + samples;
  }

  #exposeWater(width: number, height: number): void {
    const known = this.#known.slice(0, width * height);
    const film = this.#light;
    const lookUp = (x: number, y: number, color: Float32Array): boolean => {
      const column = Math.floor(x / samplesPerSide);
      const line = Math.floor(y / samplesPerSide);
      if (column < 0 || column >= width || line < 0 || line >= height) return false;
      const pixel = line * width + column;
      if (known[pixel] !== 4) return false;
      for (let c = 0; c < 3; c++) color[c] = film[3 * pixel + c]!;
      return true;
    };
    for (let pixel = 0; pixel < width * height; pixel++) {
      if (known[pixel] === 4) continue;
      const y = Math.floor(pixel / width);
      this.#shader.aim(2 * (pixel - y * width) + 1, 2 * y + 1);
      this.#shader.shadeWater(lookUp);
      this.#add(pixel, 4 - known[pixel]!);
    }
  }
}
