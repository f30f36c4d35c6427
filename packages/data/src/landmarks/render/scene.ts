import type { Mesh, Point } from "../geometry/mesh.ts";
import type { Camera } from "./camera.ts";
import type { Ground } from "./ground.ts";
import type { Light } from "./light.ts";
import type { Backdrop } from "./sky.ts";

/** Everything in front of a camera. */
export interface Scene {
  readonly mesh: Mesh;
  readonly camera: Camera;
  readonly light: Light;
  readonly ground: Ground | null;
  readonly backdrop: Backdrop;
  /** What the photo is of: shadows and mirror images are right around it. */
  readonly focus: { readonly center: Point; readonly radius: number };
}
