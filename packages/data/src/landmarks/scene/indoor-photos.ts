import { type Color, colorFromHue } from "../color.ts";
import type { Mesh } from "../geometry/mesh.ts";
import { addBar, addBox, addCylinder, addDisc, addEllipsoid, addLathe } from "../geometry/solids.ts";
import { chance, integer, pick, type Random, range } from "../random.ts";
import { createCamera } from "../render/camera.ts";
import { createLight, type Light } from "../render/light.ts";
import type { Scene } from "../render/scene.ts";
import { createSurface, type Surface, type SurfaceKind } from "../render/surface.ts";
import { noBackdrop, type Stage } from "./distractor-stage.ts";
import { addPerson, createCloth } from "./street-life.ts";

/** The light of a room: a window at one side, lamps above. */
export function roomLight(random: Random): Light {
  const base = createLight(random, 0, 0);
  const warm: Color = [1, range(random, 0.75, 0.98), range(random, 0.5, 0.95)];
  const level = range(random, 0.35, 0.8);
  return {
    ...base,
    condition: "overcast",
    toSun: [range(random, -0.6, 0.6), 0.7, 0.4],
    sun: [warm[0] * level, warm[1] * level, warm[2] * level],
    fromSky: [0.45 * warm[0], 0.45 * warm[1], 0.45 * warm[2]],
    fromGround: [0.25, 0.22, 0.18],
    clarity: 0.99,
    snow: 0,
    wet: 0,
    flood: [0, 0, 0],
    mood: { litWindows: 0, litSeed: 0, lamps: 1 },
  };
}

/** A surface that a room or a cloth could have. */
export function decor(random: Random, lightness: number): Surface {
  const kinds: readonly SurfaceKind[] = [
    "plain",
    "plaster",
    "planks",
    "stripes",
    "checker",
    "fabric",
    "marble",
    "tiles",
    "coffers",
  ];
  return createSurface(pick(random, kinds), colorFromHue(random(), 0.5 * random() ** 2, lightness), {
    accent: colorFromHue(random(), 0.4 * random() ** 2, lightness * range(random, 0.6, 1.2)),
    scale: range(random, 0.1, 0.7),
  });
}

/** A furnished room. */
export function composeRoom(stage: Stage): Scene {
  const { random, mesh } = stage;
  const [w, h, d] = [range(random, 3, 8), range(random, 2.4, 4.5), range(random, 4, 10)];
  const [wall, floor] = [decor(random, 0.7), decor(random, 0.4)];
  mesh.quad([-w, 0, -d], [w, 0, -d], [w, h, -d], [-w, h, -d], wall);
  mesh.quad([-w, 0, d], [-w, 0, -d], [-w, h, -d], [-w, h, d], wall);
  mesh.quad([w, 0, -d], [w, 0, d], [w, h, d], [w, h, -d], wall);
  mesh.quad([-w, 0, d], [w, 0, d], [w, 0, -d], [-w, 0, -d], floor);
  mesh.quad([-w, h, -d], [w, h, -d], [w, h, d], [-w, h, d], createSurface("plaster", [0.7, 0.69, 0.66]));
  const pane = createSurface("plain", [0.9, 0.95, 1], { glow: 1.2 });
  for (let i = integer(random, 0, 3); i > 0; i--) {
    mesh.place({ x: range(random, -w, w) * 0.8, y: h * 0.4, z: -d + 0.05 }, () =>
      addBox(
        mesh,
        { width: range(random, 0.6, 1.6), height: h * 0.4, depth: 0.05 },
        chance(random, 0.5) ? pane : decor(random, 0.4),
      ),
    );
  }
  for (let i = integer(random, 3, 9); i > 0; i--) addFurniture(mesh, random, w, d);
  const lamp = createSurface("plain", [1, 0.85, 0.6], { glow: 1.5 });
  mesh.place({ y: h * 0.75, z: -d * 0.4 }, () =>
    addLathe(
      mesh,
      [
        [0.4, 0],
        [0.15, 0.3],
      ],
      lamp,
      { segments: 10 },
    ),
  );
  if (chance(random, 0.4))
    mesh.place({ x: range(random, -1, 1), z: range(random, -2, 1) }, () => addPerson(mesh, random));
  const camera = createCamera(
    {
      position: [range(random, -0.5, 0.5) * w, range(random, 1.2, 1.8), d * 0.85],
      target: [range(random, -0.5, 0.5) * w, range(random, 0.6, 1.6), -d * 0.6],
      roll: range(random, -0.06, 0.06),
      angle: range(random, 0.9, 1.4),
      shift: [0, 0],
    },
    stage.width,
    stage.height,
  );
  return {
    mesh,
    camera,
    ground: null,
    light: { ...roomLight(random), toSun: [0, 1, 0.001] },
    backdrop: noBackdrop,
    focus: { center: [0, -60, 0], radius: 10 },
  };
}

function addFurniture(mesh: Mesh, random: Random, w: number, d: number): void {
  const skin = decor(random, range(random, 0.2, 0.6));
  mesh.place(
    { x: range(random, -w, w) * 0.85, z: range(random, -d, d * 0.3) * 0.85, turn: range(random, 0, 6.28) },
    () => {
      const kind = integer(random, 0, 3);
      if (kind === 0) {
        const [tw, td] = [range(random, 0.8, 2), range(random, 0.6, 1.2)];
        mesh.place({ y: 0.7 }, () => addBox(mesh, { width: tw, height: 0.06, depth: td }, skin));
        for (const [x, z] of [
          [1, 1],
          [-1, 1],
          [1, -1],
          [-1, -1],
        ] as const)
          addBar(mesh, [x * tw * 0.45, 0, z * td * 0.45], [x * tw * 0.45, 0.7, z * td * 0.45], 0.07, skin);
      } else if (kind === 1) {
        addBox(mesh, { width: 0.55, height: 0.45, depth: 0.55 }, skin);
        mesh.place({ z: -0.25 }, () => addBox(mesh, { width: 0.55, height: 1, depth: 0.07 }, skin));
      } else if (kind === 2)
        addBox(mesh, { width: range(random, 0.6, 1.6), height: range(random, 0.8, 2.2), depth: 0.5 }, skin);
      else
        addLathe(
          mesh,
          [
            [0.15, 0],
            [range(random, 0.2, 0.4), 0.3],
            [0.12, 0.6],
            [0.2, 0.7],
          ],
          skin,
          { segments: 12 },
        );
    },
  );
}

/** Plates with food, seen from above. */
export function composeMeal(stage: Stage): Scene {
  const { random, mesh } = stage;
  const table = decor(random, range(random, 0.2, 0.6));
  mesh.quad([-3, 0, 3], [3, 0, 3], [3, 0, -3], [-3, 0, -3], table);
  const plates = integer(random, 1, 4);
  for (let i = 0; i < plates; i++) {
    const r = range(random, 0.12, 0.2);
    mesh.place(
      {
        x: i === 0 ? 0 : range(random, -0.45, 0.45),
        z: i === 0 ? 0 : range(random, -0.5, 0.25),
        turn: random() * 6,
      },
      () => {
        const china = createSurface(
          "plain",
          colorFromHue(random(), chance(random, 0.7) ? 0.05 : 0.5, range(random, 0.5, 0.95)),
          { gloss: 0.1 },
        );
        addLathe(
          mesh,
          [
            [r * 0.6, 0.002],
            [r * 0.7, 0.012],
            [r, 0.03],
            [r * 0.95, 0.03],
            [r * 0.68, 0.015],
            [0, 0.014],
          ],
          china,
          { segments: 22 },
        );
        for (let k = integer(random, 3, 12); k > 0; k--) {
          const a = random() * 6.28;
          const out = r * 0.62 * Math.sqrt(random());
          const food = createSurface(
            pick(random, ["rock", "foliage", "plaster", "marble"] as const),
            colorFromHue(
              pick(random, [0.02, 0.07, 0.1, 0.14, 0.3]) + 0.02 * random(),
              range(random, 0.4, 0.9),
              range(random, 0.2, 0.6),
            ),
            { scale: 0.03, variation: 1 },
          );
          const s = range(random, 0.012, 0.05);
          mesh.place({ x: Math.cos(a) * out, z: Math.sin(a) * out, y: 0.025, turn: random() * 6 }, () =>
            addEllipsoid(mesh, [s * range(random, 0.7, 2), s * 0.7, s], food, { rings: 5, segments: 9 }),
          );
        }
      },
    );
  }
  if (chance(random, 0.7))
    mesh.place({ x: range(random, 0.2, 0.4), z: -0.2 }, () =>
      addCylinder(mesh, { radius: 0.04, height: range(random, 0.08, 0.25) }, decor(random, 0.5)),
    );
  for (const x of [-0.24, 0.26])
    addBar(
      mesh,
      [x, 0.01, 0.12],
      [x + 0.02, 0.01, -0.1],
      0.014,
      createSurface("plain", [0.5, 0.5, 0.5], { gloss: 0.4 }),
    );
  const high = range(random, 0.35, 0.9);
  const camera = createCamera(
    {
      position: [range(random, -0.1, 0.1), high, range(random, 0.1, 0.6)],
      target: [range(random, -0.05, 0.05), 0, 0],
      roll: range(random, -0.3, 0.3),
      angle: range(random, 0.6, 0.95),
      shift: [0, 0],
    },
    stage.width,
    stage.height,
  );
  return {
    mesh,
    camera,
    ground: null,
    light: roomLight(random),
    backdrop: noBackdrop,
    focus: { center: [0, 0, 0], radius: 1 },
  };
}

/** A vase, a flower or an animal in front of a wall. */
export function composeObject(stage: Stage): Scene {
  const { random, mesh } = stage;
  mesh.quad([-4, 0, 2], [4, 0, 2], [4, 0, -2], [-4, 0, -2], decor(random, range(random, 0.3, 0.7)));
  mesh.quad([-4, 0, -1.2], [4, 0, -1.2], [4, 4, -1.2], [-4, 4, -1.2], decor(random, range(random, 0.2, 0.7)));
  const kind = integer(random, 0, 2);
  if (kind === 0) {
    const profile = Array.from({ length: 8 }, (_, i): [number, number] => [
      range(random, 0.08, 0.35),
      i * 0.14,
    ]);
    addLathe(mesh, profile, decor(random, 0.5), { segments: 20 });
  } else if (kind === 1) {
    const petals = integer(random, 5, 11);
    const leaf = createCloth(random);
    addBar(mesh, [0, 0, 0], [0, 0.6, 0], 0.03, createSurface("plain", [0.06, 0.16, 0.04]));
    for (let i = 0; i < petals; i++) {
      const a = (6.28 * i) / petals;
      mesh.place({ x: Math.cos(a) * 0.2, y: 0.65 + Math.sin(a) * 0.2, z: 0.03 }, () =>
        addEllipsoid(mesh, [0.13, 0.13, 0.03], leaf),
      );
    }
    mesh.place({ y: 0.65, z: 0.08 }, () => addDisc(mesh, 0.12, createSurface("plain", [0.7, 0.5, 0.05])));
  } else {
    mesh.place({ y: 0.5 }, () => addEllipsoid(mesh, [0.4, 0.28, 0.24], createCloth(random)));
    mesh.place({ y: 0.85, x: 0.33 }, () => addEllipsoid(mesh, [0.17, 0.17, 0.17], createCloth(random)));
    for (const x of [-0.25, 0.25]) addBar(mesh, [x, 0, 0.05], [x, 0.4, 0.05], 0.09, createCloth(random));
  }
  const camera = createCamera(
    {
      position: [range(random, -0.7, 0.7), range(random, 0.5, 1.3), range(random, 1.3, 2.4)],
      target: [0, 0.5, 0],
      roll: range(random, -0.1, 0.1),
      angle: range(random, 0.6, 0.9),
      shift: [0, 0],
    },
    stage.width,
    stage.height,
  );
  return {
    mesh,
    camera,
    ground: null,
    light: roomLight(random),
    backdrop: noBackdrop,
    focus: { center: [0, 0.5, 0], radius: 2.5 },
  };
}
