import { colorFromHue } from "../color.ts";
import type { Bounds, Mesh, Point } from "../geometry/mesh.ts";
import { addBar, addEllipsoid, addFrustum } from "../geometry/solids.ts";
import { chance, integer, pick, type Random, range } from "../random.ts";
import type { Camera } from "../render/camera.ts";
import { type Ground, isWater } from "../render/ground.ts";
import { createSurface } from "../render/surface.ts";
import { strained } from "./strain.ts";
import { addCanopy, addCar, addFence, addFlag, addLamp, addPerson } from "./street-life.ts";
import { addTree, createFoliage, type Season, type TreeKind } from "./vegetation.ts";

/** The people, cars, lamps, trees and twigs between a camera and what it looks at. */
export function addForeground(
  mesh: Mesh,
  random: Random,
  stage: {
    readonly camera: Camera;
    readonly center: Point;
    readonly ground: Ground;
    readonly season: Season;
    readonly treeKind: TreeKind;
    /** How much fuller than usual it is. */
    readonly strain: number;
  },
): void {
  const { camera, ground, strain } = stage;
  const happens = (probability: number): boolean => chance(random, strained(probability, strain));
  const put = (fraction: number, build: () => void, lateral = range(random, -0.5, 0.5)): void => {
    const [x, z] = spotBefore(camera, stage.center, fraction, lateral);
    if (isWater(ground, x, z)) return;
    mesh.place({ x, z, turn: range(random, -Math.PI, Math.PI) }, build);
  };
  const isLow = camera.position[1] < 6;
  if (happens(0.65)) {
    const people = happens(0.25) ? integer(random, 8, 18) : integer(random, 1, 6);
    for (let i = 0; i < people; i++) put(range(random, 0.25, 0.9), () => addPerson(mesh, random));
  }
  if (isLow && happens(0.1))
    put(
      Math.min(0.5, 3.2 / distanceTo(camera, stage.center)),
      () => addPerson(mesh, random),
      pick(random, [-0.3, -0.2, 0.22, 0.3]),
    );
  if (happens(0.25))
    for (let i = integer(random, 1, 3); i > 0; i--) put(range(random, 0.3, 0.85), () => addCar(mesh, random));
  if (happens(0.3))
    for (let i = integer(random, 1, 3); i > 0; i--)
      put(range(random, 0.25, 0.85), () => addLamp(mesh, random));
  if (happens(0.12))
    for (let i = integer(random, 1, 3); i > 0; i--)
      put(range(random, 0.4, 0.85), () => addCanopy(mesh, random));
  if (happens(0.12)) put(range(random, 0.4, 0.85), () => addFlag(mesh, random));
  if (happens(0.08)) put(range(random, 0.3, 0.6), () => addFence(mesh, 14));
  if (distanceTo(camera, stage.center) > 22 && happens(0.2)) {
    const foliage = createFoliage(random, stage.treeKind, stage.season);
    const side = pick(random, [-1, 1]);
    for (let i = integer(random, 1, 3); i > 0; i--) {
      put(
        range(random, 0.3, 0.8),
        () =>
          addTree(mesh, random, {
            kind: stage.treeKind,
            height: range(random, 5, 11),
            season: stage.season,
            foliage,
          }),
        side * range(random, 0.22, 0.55),
      );
    }
  }
  if (isLow && stage.season !== "winter" && happens(0.09)) addTwigs(mesh, random, camera, stage.season);
  if (ground.water !== null && chance(random, 0.5)) addBoats(mesh, random, camera, stage.center, ground);
}

/** The point of the ground at a share of the way to the landmark and of the width of the image. */
function spotBefore(
  camera: Camera,
  center: Point,
  fraction: number,
  lateral: number,
): readonly [number, number] {
  const [px, , pz] = camera.position;
  const dx = center[0] - px;
  const dz = center[2] - pz;
  const across = (lateral * camera.width) / camera.focal;
  return [px + fraction * (dx - across * dz), pz + fraction * (dz + across * dx)];
}

function distanceTo(camera: Camera, center: Point): number {
  return Math.hypot(center[0] - camera.position[0], center[2] - camera.position[2]);
}

/** Leaves that hang into the upper corner of the image. */
function addTwigs(mesh: Mesh, random: Random, camera: Camera, season: Season): void {
  const foliage = createFoliage(random, "broadleaf", season);
  const side = pick(random, [-1, 1]);
  const depth = range(random, 3, 6);
  for (let i = 0; i < 7; i++) {
    const x =
      (((side < 0 ? range(random, -0.1, 0.35) : range(random, 0.65, 1.1)) * camera.width - camera.centerX) /
        camera.focal) *
      depth;
    const y = ((camera.centerY - range(random, -0.1, 0.22) * camera.height) / camera.focal) * depth;
    const at = (axis: 0 | 1 | 2): number =>
      camera.position[axis] + camera.forward[axis] * depth + camera.right[axis] * x + camera.up[axis] * y;
    const size = range(random, 0.1, 0.32);
    mesh.place({ x: at(0), y: at(1), z: at(2), turn: random() * 6 }, () =>
      addEllipsoid(mesh, [size * 1.6, size * 0.7, size], foliage, {
        rings: 4,
        segments: 6,
        lumps: () => range(random, 0.6, 1.3),
      }),
    );
  }
}

function addBoats(mesh: Mesh, random: Random, camera: Camera, center: Point, ground: Ground): void {
  const hull = createSurface("planks", colorFromHue(random(), 0.4, range(random, 0.15, 0.7)));
  const sail = createSurface("fabric", [0.75, 0.72, 0.66]);
  for (let i = integer(random, 1, 3); i > 0; i--) {
    const [x, z] = spotBefore(camera, center, range(random, 0.4, 1.2), range(random, -0.5, 0.5));
    if (!isWater(ground, x, z)) continue;
    const sailing = chance(random, 0.5);
    mesh.place({ x, z, turn: random() * 6 }, () => {
      addFrustum(
        mesh,
        [
          [-2.4, 0.6],
          [2.2, 0.6],
          [2.2, -0.6],
          [-2.4, -0.6],
        ],
        [
          [-3, 1],
          [3.4, 0.1],
          [3.4, -0.1],
          [-3, -1],
        ],
        0.9,
        { walls: hull, top: hull },
      );
      if (!sailing) return;
      addBar(mesh, [0, 0.8, 0], [0, 7, 0], 0.12, hull);
      mesh.triangle(
        [
          [0.1, 1.6, 0],
          [3, 1.6, 0.4],
          [0.1, 6.8, 0],
        ],
        sail,
        [
          [0, 0],
          [3, 0],
          [0, 5],
        ],
      );
    });
  }
}

/** Whether something round on the ground would stand between the camera and the landmark. */
export function hidesLandmark(
  camera: Camera,
  bounds: Bounds,
  spot: { readonly x: number; readonly z: number; readonly radius: number },
): boolean {
  const centerX = (bounds.min[0] + bounds.max[0]) / 2;
  const centerZ = (bounds.min[2] + bounds.max[2]) / 2;
  const [px, , pz] = camera.position;
  const dx = centerX - px;
  const dz = centerZ - pz;
  const length = Math.hypot(dx, dz);
  const along = ((spot.x - px) * dx + (spot.z - pz) * dz) / length;
  const across = Math.abs((spot.x - px) * dz - (spot.z - pz) * dx) / length;
  const half = Math.hypot(bounds.max[0] - bounds.min[0], bounds.max[2] - bounds.min[2]) / 2;
  if (Math.hypot(spot.x - px, spot.z - pz) < spot.radius + 4) return true;
  return along > -spot.radius && along < length && across < half * 0.85 * (along / length) + spot.radius;
}
