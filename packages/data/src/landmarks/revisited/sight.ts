import { Mesh } from "../geometry/mesh.ts";
import type { Camera } from "../render/camera.ts";
import type { Condition } from "../render/light.ts";
import { Raster } from "../render/raster.ts";
import type { PhotoOrder } from "../render-photo.ts";
import { composeLandmarkPhoto, type LandmarkDesign } from "../scene/landmark-photo.ts";
import { strainOf } from "../scene/strain.ts";

/** A photo of a landmark that may be taken. */
export type LandmarkOrder = PhotoOrder & { readonly design: LandmarkDesign };

/** What can be seen of the landmark on a photo. */
export interface Sight {
  /** The part of the landmark that is in the frame with nothing before it, 0 to 1. */
  readonly shown: number;
  /** What the box fills of the frame, along the side where that is more, 0 to 1. */
  readonly extent: number;
  /** The box of what is seen: left, top, right and bottom as shares of the frame; null if nothing is. */
  readonly box: readonly [number, number, number, number] | null;
  /** How far the photographer stands from the front, in radians, 0 to pi. */
  readonly turn: number;
  readonly condition: Condition;
}

/** Samples of the longer side of the frame. */
const longSide = 256;

/** Measures what photos show without taking them; keeps its buffers from one to the next. */
export class Surveyor {
  #mesh = new Mesh();
  #raster = new Raster();

  /** What the photo of an order shows of its landmark. */
  survey(order: LandmarkOrder): Sight {
    const mesh = this.#mesh;
    mesh.clear();
    const strain = strainOf(order.sceneDifficulty);
    const scene = composeLandmarkPhoto(order.design, { ...order, strain }, mesh);
    const { camera, landmarkTriangles, focus } = scene;
    const frame = scaled(camera, longSide / Math.max(camera.width, camera.height));
    const seen = this.#count(frame, landmarkTriangles);
    // The landmark by itself on a frame three times as wide and high: all of it, whatever hides or cuts it.
    mesh.count = landmarkTriangles;
    const whole = this.#count(widened(frame), landmarkTriangles);
    const { box } = seen;
    const turn = Math.abs(
      Math.atan2(camera.position[0] - focus.center[0], camera.position[2] - focus.center[2]),
    );
    return {
      shown: whole.samples === 0 ? 0 : seen.samples / whole.samples,
      extent: box === null ? 0 : Math.max(box[2] - box[0], box[3] - box[1]),
      box,
      turn,
      condition: scene.light.condition,
    };
  }

  /** The samples where one of the first triangles of the mesh is seen, and the box around them. */
  #count(camera: Camera, triangles: number): { readonly samples: number; readonly box: Sight["box"] } {
    const raster = this.#raster;
    const { width, height } = camera;
    raster.reset(width, height);
    raster.draw(this.#mesh, camera);
    let samples = 0;
    let [left, top, right, bottom] = [width, height, 0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const row = raster.visible[y * width + x]!;
        if (row < 0 || raster.triangleOf[row]! >= triangles) continue;
        samples += 1;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = y + 1;
      }
    }
    return {
      samples,
      box: samples === 0 ? null : [left / width, top / height, right / width, bottom / height],
    };
  }
}

function scaled(camera: Camera, factor: number): Camera {
  return {
    ...camera,
    focal: camera.focal * factor,
    centerX: camera.centerX * factor,
    centerY: camera.centerY * factor,
    width: Math.round(camera.width * factor),
    height: Math.round(camera.height * factor),
  };
}

function widened(camera: Camera): Camera {
  const { width, height, centerX, centerY } = camera;
  return {
    ...camera,
    centerX: centerX + width,
    centerY: centerY + height,
    width: 3 * width,
    height: 3 * height,
  };
}
