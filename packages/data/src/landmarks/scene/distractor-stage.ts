import type { Mesh } from "../geometry/mesh.ts";
import type { Random } from "../random.ts";
import type { Backdrop } from "../render/sky.ts";

/** What a photo without a landmark is put together from. */
export interface Stage {
  readonly random: Random;
  readonly mesh: Mesh;
  readonly width: number;
  readonly height: number;
}

/** Nothing along the horizon. */
export const noBackdrop: Backdrop = { layers: [] };
