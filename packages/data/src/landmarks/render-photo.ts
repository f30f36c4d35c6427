import { Mesh } from "./geometry/mesh.ts";
import { createRandom } from "./random.ts";
import { Exposure } from "./render/exposure.ts";
import { createLook, photograph } from "./render/photograph.ts";
import { composeDistractor } from "./scene/distractors.ts";
import { composeLandmarkPhoto, type LandmarkDesign } from "./scene/landmark-photo.ts";
import { strainOf } from "./scene/strain.ts";
import type { Framing } from "./scene/viewpoint.ts";

/** One photo to be taken. */
export interface PhotoOrder {
  /** What it shows; null for something that is no landmark. */
  readonly design: LandmarkDesign | null;
  /** Everything that differs from photo to photo follows from this. */
  readonly seed: string;
  /** Pixels of the longer side. */
  readonly longSide: number;
  /** 0 to 1: how far views, weather and people in the way make it hard to recognize. */
  readonly sceneDifficulty: number;
  /** How a landmark is framed; left to chance if it is not given. */
  readonly framing?: Framing | null;
}

/** Interleaved 8-bit red, green and blue. */
export interface Photo {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Takes photos one after the other; keeps its buffers, so make one for each thread. */
export class Photographer {
  #exposure = new Exposure();
  #mesh = new Mesh();

  /** The photo of an order; the same order gives the same pixels. */
  take(order: PhotoOrder): Photo {
    const { design, seed, longSide, framing = null } = order;
    const strain = strainOf(order.sceneDifficulty);
    this.#mesh.clear();
    const scene =
      design === null
        ? composeDistractor(seed, longSide, this.#mesh)
        : composeLandmarkPhoto(design, { seed, longSide, strain, framing }, this.#mesh);
    const film = this.#exposure.expose(scene);
    const { condition } = scene.light;
    const look = createLook(createRandom(seed, "look"), seed, {
      rain: condition === "rain",
      snow: condition === "snow",
      strain,
    });
    return { data: photograph(film, look), width: film.width, height: film.height };
  }
}
