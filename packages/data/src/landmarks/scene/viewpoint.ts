import type { Bounds, Point } from "../geometry/mesh.ts";
import { chance, normal, pick, type Random, range } from "../random.ts";
import { type Camera, createCamera, projectBounds, type View } from "../render/camera.ts";
import { strained } from "./strain.ts";

/** Pixels of a photo. */
export interface PhotoSize {
  readonly width: number;
  readonly height: number;
}

/** A frame chosen on purpose, instead of the one that a photographer happens to choose. */
export interface Framing {
  /** The share of the frame that the landmark's box fills along the side that it fills most. */
  readonly coverage: number;
  /** The share of the box's width that stays in the frame; the rest is cut off. */
  readonly inside: number;
  /** The edge of the frame that cuts. */
  readonly edge: "left" | "right";
}

/** The shapes of photos, as height over width. */
const landscape = [3 / 4, 3 / 4, 2 / 3, 2 / 3, 9 / 16] as const;
const upright = [4 / 3, 4 / 3, 3 / 2, 3 / 2, 16 / 9] as const;
const squarish = [1, 1, 4 / 5, 5 / 4] as const;

/** A size with the given long side, fit for something of this height over width. */
export function pickPhotoSize(random: Random, longSide: number, shape: number): PhotoSize {
  const lean = Math.log(shape) + 0.55 * normal(random) - 0.1;
  const ratio = chance(random, 0.14)
    ? pick(random, squarish)
    : lean > 0
      ? pick(random, upright)
      : pick(random, landscape);
  const short = Math.round(longSide * Math.min(ratio, 1 / ratio));
  return ratio > 1 ? { width: short, height: longSide } : { width: longSide, height: short };
}

/** Where a photographer stands to take a landmark, and how it is framed. */
export function pickViewpoint(
  random: Random,
  bounds: Bounds,
  size: PhotoSize,
  aim: { readonly isOverWater: boolean; readonly strain: number; readonly framing: Framing | null },
): Camera {
  const { isOverWater, strain, framing } = aim;
  const center: Point = [
    (bounds.min[0] + bounds.max[0]) / 2,
    (bounds.min[1] + bounds.max[1]) / 2,
    (bounds.min[2] + bounds.max[2]) / 2,
  ];
  const reach = Math.hypot(bounds.max[0] - bounds.min[0], bounds.max[2] - bounds.min[2]) / 2;
  const azimuth = pickAzimuth(random, strain);
  const aerial = chance(random, strained(0.08, strain));
  const tall = bounds.max[1];
  const eye = aerial
    ? tall * range(random, 0.6, 1.6)
    : isOverWater
      ? range(random, 3, 14)
      : range(random, 1.4, 2.4) + (chance(random, 0.2) ? range(random, 2, tall * 0.4 + 3) : 0);
  const angle = chance(random, strained(0.2, strain)) ? range(random, 1.2, 1.5) : range(random, 0.55, 1.15);
  const picked = pickCoverage(random, strain);
  const coverage = framing?.coverage ?? picked;
  const tilt = aerial ? 1 : chance(random, 0.4) ? range(random, 0, 0.3) : range(random, 0.5, 1);
  const roll = chance(random, 0.7) ? normal(random) * 0.015 : normal(random) * 0.05;
  const view = (distance: number, shift: readonly [number, number]): View => {
    const position: Point = [
      center[0] + distance * Math.sin(azimuth),
      eye,
      center[2] + distance * Math.cos(azimuth),
    ];
    return { position, target: [center[0], eye + (center[1] - eye) * tilt, center[2]], roll, angle, shift };
  };
  let distance = reach * 3 + tall;
  for (let i = 0; i < 6; i++) {
    const box = projectBounds(createCamera(view(distance, [0, 0]), size.width, size.height), bounds);
    const share =
      box === null ? 3 : Math.max((box[2] - box[0]) / size.width, (box[3] - box[1]) / size.height);
    distance = Math.max(reach * 1.12 + 1.5, distance * Math.min(2, Math.max(0.5, share / coverage)));
  }
  const box = projectBounds(createCamera(view(distance, [0, 0]), size.width, size.height), bounds) ?? [
    0,
    0,
    size.width,
    size.height,
  ];
  const wander = (0.03 + 0.06 * Math.min(1, coverage)) * Math.sqrt(strain);
  const shift: [number, number] = [
    0.5 - (box[0] + box[2]) / 2 / size.width + normal(random) * wander + aside(framing, box, size),
    0.5 - (box[1] + box[3]) / 2 / size.height + normal(random) * wander * 0.6,
  ];
  return createCamera(view(distance, shift), size.width * 2, size.height * 2);
}

/** How far a frame moves sideways, in shares of its width, so that its edge cuts the box where it should. */
function aside(
  framing: Framing | null,
  box: readonly [number, number, number, number],
  size: PhotoSize,
): number {
  if (framing === null || framing.inside >= 1) return 0;
  const share = (box[2] - box[0]) / size.width;
  const distance = 0.5 + share * (0.5 - framing.inside);
  return framing.edge === "left" ? -distance : distance;
}

/** Mostly the front half, seldom the far sides. */
function pickAzimuth(random: Random, strain: number): number {
  if (chance(random, strained(0.06, strain))) return range(random, -Math.PI, Math.PI);
  return normal(random) * 0.36 * strain;
}

/** The share of the frame that the landmark fills; above 1 it is cut. */
function pickCoverage(random: Random, strain: number): number {
  const kind = random();
  if (kind < 0.07 * strain) return range(random, 0.45, 0.65);
  if (kind < 1 - 0.14 * strain) return range(random, 0.75, 1.08);
  return range(random, 1.08, 1.5);
}
