import type { Mesh } from "../geometry/mesh.ts";
import { createRandom, pickWeighted } from "../random.ts";
import type { Scene } from "../render/scene.ts";
import type { Stage } from "./distractor-stage.ts";
import { composeMeal, composeObject, composeRoom } from "./indoor-photos.ts";
import { composeNature, composePortrait, composeVehicle } from "./outdoor-photos.ts";
import { pickPhotoSize } from "./viewpoint.ts";

/** The kinds of photo that show no landmark. */
export type DistractorKind = "nature" | "indoor" | "meal" | "portrait" | "vehicle" | "object";

const weights: Readonly<Record<DistractorKind, number>> = {
  nature: 0.3,
  indoor: 0.2,
  meal: 0.14,
  portrait: 0.14,
  vehicle: 0.08,
  object: 0.14,
};

/** A photo without any landmark, built into an empty mesh. */
export function composeDistractor(imageSeed: string, longSide: number, mesh: Mesh): Scene {
  const random = createRandom(imageSeed, "scene");
  const kind = pickWeighted(random, weights);
  const size = pickPhotoSize(random, longSide, kind === "portrait" ? 1.3 : 0.8);
  const stage: Stage = { random, mesh, width: 2 * size.width, height: 2 * size.height };
  return composers[kind](stage);
}

const composers: Readonly<Record<DistractorKind, (stage: Stage) => Scene>> = {
  nature: composeNature,
  indoor: composeRoom,
  meal: composeMeal,
  portrait: composePortrait,
  vehicle: composeVehicle,
  object: composeObject,
};
