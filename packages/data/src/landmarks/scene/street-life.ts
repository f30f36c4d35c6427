import { type Color, colorFromHue } from "../color.ts";
import type { Mesh } from "../geometry/mesh.ts";
import { addBar, addBox, addCylinder, addEllipsoid, addFrustum, addLathe } from "../geometry/solids.ts";
import { chance, pick, type Random, range } from "../random.ts";
import { createSurface, type Surface } from "../render/surface.ts";

const skins: readonly Color[] = [
  [0.55, 0.36, 0.26],
  [0.36, 0.2, 0.13],
  [0.16, 0.08, 0.05],
  [0.65, 0.45, 0.35],
];
const iron: Surface = createSurface("plain", [0.04, 0.045, 0.045]);

/** Cloth of a random colour. */
export function createCloth(random: Random): Surface {
  const color = chance(random, 0.4)
    ? colorFromHue(random(), range(random, 0.3, 0.9), range(random, 0.2, 0.6))
    : colorFromHue(random(), range(random, 0, 0.25), range(random, 0.05, 0.8));
  return createSurface("fabric", color, { scale: 0.3 });
}

/** A person about 1.75 m tall, seen to the waist or whole. */
export function addPerson(mesh: Mesh, random: Random): void {
  const skin = createSurface("plain", pick(random, skins));
  const hair = createSurface(
    "plain",
    pick(random, [
      [0.02, 0.015, 0.01],
      [0.1, 0.06, 0.03],
      [0.4, 0.28, 0.1],
      [0.3, 0.3, 0.3],
    ] as const),
  );
  const top = createCloth(random);
  const bottom = createCloth(random);
  const stride = range(random, 0, 0.25);
  if (chance(random, 0.25))
    addLathe(
      mesh,
      [
        [0.28, 0.15],
        [0.17, 0.95],
      ],
      bottom,
      { segments: 8 },
    );
  else {
    addBar(mesh, [0.1, 0, stride], [0.08, 0.9, 0], 0.16, bottom);
    addBar(mesh, [-0.1, 0, -stride], [-0.08, 0.9, 0], 0.16, bottom);
  }
  mesh.place({ y: 1.17 }, () => addEllipsoid(mesh, [0.23, 0.34, 0.15], top, { rings: 6, segments: 8 }));
  for (const side of [1, -1]) {
    const lift = chance(random, 0.2) ? range(random, 0, 0.8) : -range(random, 0.4, 0.6);
    addBar(mesh, [side * 0.2, 1.4, 0], [side * 0.31, 1.4 + 0.5 * lift, 0.12], 0.1, top);
  }
  mesh.place({ y: 1.62 }, () => addEllipsoid(mesh, [0.1, 0.13, 0.115], skin, { rings: 6, segments: 8 }));
  mesh.place({ y: 1.67, z: -0.03 }, () =>
    addEllipsoid(mesh, [0.115, 0.12, 0.12], hair, { rings: 5, segments: 8 }),
  );
  if (chance(random, 0.15)) {
    mesh.place({ y: 1.72 }, () =>
      addLathe(
        mesh,
        [
          [0.24, 0],
          [0.12, 0.03],
          [0.1, 0.13],
          [0, 0.14],
        ],
        top,
        { segments: 9 },
      ),
    );
  }
}

/** A car about 4.2 m long along x. */
export function addCar(mesh: Mesh, random: Random): void {
  const paint = createSurface(
    "plain",
    colorFromHue(random(), chance(random, 0.5) ? 0.05 : 0.7, range(random, 0.1, 0.7)),
    { gloss: 0.25 },
  );
  const glass = createSurface("plain", [0.03, 0.04, 0.05], { gloss: 0.5 });
  const tall = chance(random, 0.2) ? 1.6 : 1;
  mesh.place({ y: 0.3 }, () => addBox(mesh, { width: 4.2, height: 0.55 * tall, depth: 1.7 }, paint));
  mesh.place({ y: 0.3 + 0.55 * tall, x: -0.2 }, () =>
    addFrustum(
      mesh,
      [
        [-1.5, 0.8],
        [1.3, 0.8],
        [1.3, -0.8],
        [-1.5, -0.8],
      ],
      [
        [-1.1, 0.65],
        [0.7, 0.65],
        [0.7, -0.65],
        [-1.1, -0.65],
      ],
      0.55 * tall,
      { walls: glass, top: paint },
    ),
  );
  for (const [x, z] of [
    [1.3, 0.75],
    [-1.3, 0.75],
    [1.3, -0.75],
    [-1.3, -0.75],
  ] as const) {
    mesh.place({ x, y: 0.32, z }, () =>
      addEllipsoid(mesh, [0.32, 0.32, 0.14], iron, { rings: 4, segments: 8 }),
    );
  }
}

/** A street lamp. */
export function addLamp(mesh: Mesh, random: Random): void {
  const height = range(random, 4, 7);
  const bulb = createSurface("plain", [0.8, 0.78, 0.7], { glow: -2.5 });
  addBar(mesh, [0, 0, 0], [0, height, 0], 0.14, iron);
  addCylinder(mesh, { radius: 0.22, height: 0.8, topRadius: 0.12 }, iron, { segments: 8 });
  if (chance(random, 0.5)) {
    for (const side of [1, -1]) {
      addBar(mesh, [0, height * 0.92, 0], [side * 0.6, height, 0], 0.09, iron);
      mesh.place({ x: side * 0.6, y: height }, () =>
        addEllipsoid(mesh, [0.18, 0.24, 0.18], bulb, { rings: 5, segments: 7 }),
      );
    }
  } else
    mesh.place({ y: height }, () => addEllipsoid(mesh, [0.24, 0.3, 0.24], bulb, { rings: 5, segments: 7 }));
}

/** A stall with a canopy, or a parasol. */
export function addCanopy(mesh: Mesh, random: Random): void {
  const cloth = createSurface("stripes", [0.7, 0.68, 0.62], {
    accent: colorFromHue(random(), 0.8, 0.35),
    scale: 0.5,
    variation: 0.5,
  });
  addBar(mesh, [0, 0, 0], [0, 2.4, 0], 0.06, iron);
  mesh.place({ y: 2.1 }, () =>
    addLathe(
      mesh,
      [
        [1.6, 0],
        [0, 0.6],
      ],
      cloth,
      { segments: 8, smooth: false },
    ),
  );
}

/** A flag on a pole. */
export function addFlag(mesh: Mesh, random: Random): void {
  const height = range(random, 7, 12);
  const cloth = createSurface("stripes", colorFromHue(random(), 0.8, 0.45), {
    accent: colorFromHue(random(), 0.8, 0.6),
    scale: range(random, 0.8, 2),
    variation: 0.5,
  });
  addBar(mesh, [0, 0, 0], [0, height, 0], 0.12, iron);
  const wave = range(random, -0.4, 0.4);
  mesh.quad([0, height - 2, 0], [1.6, height - 2.1, wave], [1.6, height - 0.2, wave], [0, height, 0], cloth);
  mesh.quad(
    [1.6, height - 2.1, wave],
    [3, height - 2, -wave],
    [3, height, -wave],
    [1.6, height - 0.2, wave],
    cloth,
  );
}

/** A low fence along x. */
export function addFence(mesh: Mesh, length: number): void {
  addBar(mesh, [-length / 2, 1, 0], [length / 2, 1, 0], 0.08, iron);
  addBar(mesh, [-length / 2, 0.35, 0], [length / 2, 0.35, 0], 0.06, iron);
  const posts = Math.round(length / 0.6);
  for (let i = 0; i <= posts; i++) {
    const x = length * (i / posts - 0.5);
    addBar(mesh, [x, 0, 0], [x, 1.1, 0], 0.05, iron);
  }
}
