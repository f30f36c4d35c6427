import type { Bounds, Point } from "../geometry/mesh.ts";
import { addEllipsoid } from "../geometry/solids.ts";
import { chance, integer, pick, range } from "../random.ts";
import { createCamera } from "../render/camera.ts";
import { createLight } from "../render/light.ts";
import type { Scene } from "../render/scene.ts";
import { createSurface } from "../render/surface.ts";
import type { Stage } from "./distractor-stage.ts";
import { addForeground } from "./foreground.ts";
import { decor, roomLight } from "./indoor-photos.ts";
import { createBackdrop, createGround } from "./place.ts";
import { addCar, addPerson } from "./street-life.ts";
import { addTree, createFoliage, type Season, type TreeKind } from "./vegetation.ts";

const openBounds: Bounds = { min: [-20, 0, -20], max: [20, 12, 20] };

/** Trees, rocks, water and hills. */
export function composeNature(stage: Stage): Scene {
  const { random, mesh } = stage;
  const season: Season = pick(random, ["spring", "summer", "summer", "autumn", "winter"] as const);
  const kinds: readonly TreeKind[] = ["broadleaf", "conifer", "palm", "cypress", "poplar"];
  const coldness = random();
  const trees = chance(random, 0.2) ? 0 : integer(random, 3, 40);
  const kind = pick(random, kinds);
  const foliage = createFoliage(random, kind, season);
  for (let i = 0; i < trees; i++) {
    mesh.place({ x: range(random, -40, 40), z: range(random, -60, 8) }, () =>
      addTree(mesh, random, { kind, height: range(random, 4, 16), season, foliage }),
    );
  }
  const stone = createSurface("rock", [0.28, 0.26, 0.23], { scale: 1.5, variation: 1 });
  for (let i = integer(random, 0, 6); i > 0; i--) {
    const r = range(random, 0.5, 4);
    mesh.place({ x: range(random, -20, 20), z: range(random, -30, 10), y: r * 0.2 }, () =>
      addEllipsoid(mesh, [r * 1.4, r, r], stone, {
        rings: 5,
        segments: 8,
        lumps: () => range(random, 0.75, 1.2),
      }),
    );
  }
  const ground = createGround(
    random,
    pick(random, ["lawn", "lawn", "sand", "rocks", "pool", "water"] as const),
    openBounds,
  );
  const camera = createCamera(
    {
      position: [0, range(random, 1.5, 9), 32],
      target: [range(random, -8, 8), range(random, 0, 7), 0],
      roll: range(random, -0.05, 0.05),
      angle: range(random, 0.6, 1.3),
      shift: [0, range(random, -0.15, 0.2)],
    },
    stage.width,
    stage.height,
  );
  const center: Point = [0, 4, 0];
  if (chance(random, 0.3))
    addForeground(mesh, random, { camera, center, ground, season, treeKind: kind, strain: 1 });
  return {
    mesh,
    camera,
    ground,
    light: createLight(random, 0, coldness),
    backdrop: createBackdrop(random, { isTown: false, height: 20, coldness }),
    focus: { center, radius: 40 },
  };
}

/** One to three people close by. */
export function composePortrait(stage: Stage): Scene {
  const { random, mesh } = stage;
  const people = pick(random, [1, 1, 2, 3]);
  for (let i = 0; i < people; i++) {
    mesh.place(
      {
        x: 0.55 * (i - (people - 1) / 2),
        z: range(random, -0.2, 0.2),
        turn: range(random, -0.5, 0.5),
        size: range(random, 0.94, 1.06),
      },
      () => addPerson(mesh, random),
    );
  }
  const inside = chance(random, 0.4);
  if (inside)
    mesh.quad([-6, 0, -2], [6, 0, -2], [6, 5, -2], [-6, 5, -2], decor(random, range(random, 0.3, 0.7)));
  const close = range(random, 0.9, 2.8);
  const camera = createCamera(
    {
      position: [range(random, -0.4, 0.4), range(random, 1.3, 1.7), close],
      target: [0, 1.75 - 0.16 * close, 0],
      roll: range(random, -0.1, 0.1),
      angle: 0.9,
      shift: [range(random, -0.12, 0.12), 0],
    },
    stage.width,
    stage.height,
  );
  const ground = createGround(random, pick(random, ["lawn", "sand", "plaza", "street"] as const), openBounds);
  const light = inside ? roomLight(random) : createLight(random, 0, random());
  return {
    mesh,
    camera,
    ground,
    light,
    backdrop: createBackdrop(random, { isTown: false, height: 10, coldness: 0.5 }),
    focus: { center: [0, 1, 0], radius: 3 },
  };
}

/** Parked cars. */
export function composeVehicle(stage: Stage): Scene {
  const { random, mesh } = stage;
  for (let i = integer(random, 1, 3); i > 0; i--)
    mesh.place({ x: (i - 1) * 5, z: range(random, -2, 1), turn: range(random, -0.8, 0.8) }, () =>
      addCar(mesh, random),
    );
  const ground = createGround(random, pick(random, ["street", "lawn", "plaza", "sand"] as const), openBounds);
  const camera = createCamera(
    {
      position: [range(random, -3, 3), range(random, 1, 2.6), range(random, 5, 9)],
      target: [range(random, 0, 3), 0.7, 0],
      roll: range(random, -0.05, 0.05),
      angle: range(random, 0.7, 1),
      shift: [0, 0],
    },
    stage.width,
    stage.height,
  );
  return {
    mesh,
    camera,
    ground,
    light: createLight(random, 0, random()),
    backdrop: createBackdrop(random, { isTown: chance(random, 0.4), height: 10, coldness: 0.4 }),
    focus: { center: [2, 1, 0], radius: 9 },
  };
}
