import type { Mesh, Point } from "../geometry/mesh.ts";
import { addColumn, addSteps } from "../geometry/orders.ts";
import { addDome, addSpire } from "../geometry/roofs.ts";
import {
  addBar,
  addBox,
  addCylinder,
  addEllipsoid,
  addFrustum,
  addLathe,
  regularOutline,
} from "../geometry/solids.ts";
import { createSurface, type Surface } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import type { Style } from "./style.ts";

/** A figure on a plinth: standing or on horseback. */
export function buildStatue(mesh: Mesh, traits: Traits, style: Style): void {
  const plinth = {
    width: traits.range("plinthWidth", 2.4, 5),
    height: traits.range("plinthHeight", 2, 7),
    depth: traits.range("plinthDepth", 2.4, 5),
  };
  const bronze = createSurface(
    traits.pick("cast", ["plaster", "marble", "rubble"] as const),
    traits.pick("castColor", [
      [0.1, 0.2, 0.16],
      [0.12, 0.09, 0.06],
      [0.7, 0.68, 0.63],
      [0.45, 0.33, 0.1],
      [0.3, 0.29, 0.27],
    ] as const),
    { gloss: 0.05 },
  );
  addSteps(
    mesh,
    { width: plinth.width * 1.5, height: traits.range("stepHeight", 0.6, 2), depth: plinth.depth * 1.5 },
    traits.integer("steps", 2, 4),
    0.6,
    style.trim,
  );
  const round = traits.chance("roundPlinth", 0.3);
  if (round)
    addCylinder(
      mesh,
      { radius: plinth.width * 0.6, height: plinth.height, topRadius: plinth.width * 0.5 },
      style.wall,
    );
  else addBox(mesh, plinth, style.wall, style.trim);
  mesh.place({ y: plinth.height }, () => {
    addBox(mesh, { width: plinth.width * 1.2, height: 0.4, depth: plinth.depth * 1.2 }, style.trim);
    mesh.place(
      { y: 0.4, size: traits.range("figureSize", 1.6, 3.2), turn: traits.range("figureTurn", -0.5, 0.5) },
      () => {
        if (traits.chance("rider", 0.35)) addRider(mesh, traits, bronze);
        else addFigure(mesh, traits, bronze);
      },
    );
  });
  if (traits.chance("companions", 0.4)) {
    for (const side of [1, -1]) {
      mesh.place({ x: side * (plinth.width * 1.2 + 1) }, () => {
        addBox(mesh, { width: 1.6, height: plinth.height * 0.5, depth: 1.6 }, style.wall);
        mesh.place({ y: plinth.height * 0.5, size: 1.3 }, () =>
          addFigure(mesh, traits.within("small"), bronze),
        );
      });
    }
  }
}

/** A standing figure about 1.9 m tall. */
export function addFigure(mesh: Mesh, traits: Traits, surface: Surface): void {
  const robe = traits.chance("robe", 0.5);
  if (robe)
    addLathe(
      mesh,
      [
        [0.42, 0],
        [0.3, 0.8],
        [0.26, 1.1],
      ],
      surface,
      { segments: 9 },
    );
  else
    for (const side of [1, -1])
      addBar(
        mesh,
        [side * 0.14, 0, side * traits.range("stride", 0, 0.2)],
        [side * 0.1, 0.95, 0],
        0.19,
        surface,
      );
  mesh.place({ y: 1.2 }, () => addEllipsoid(mesh, [0.27, 0.4, 0.19], surface));
  mesh.place({ y: 1.72 }, () => addEllipsoid(mesh, [0.13, 0.16, 0.14], surface));
  for (const side of [1, -1]) {
    const raise = traits.range(`arm${side}`, -1, 1.2);
    const shoulder: Point = [side * 0.26, 1.45, 0];
    const hand: Point = [side * (0.3 + 0.45 * Math.cos(raise)), 1.45 + 0.6 * Math.sin(raise), 0.2];
    addBar(mesh, shoulder, hand, 0.12, surface);
    if (traits.chance(`holds${side}`, 0.35))
      addBar(
        mesh,
        [hand[0], 0.1, hand[2]],
        [hand[0], hand[1] + traits.range("staff", 0.3, 1), hand[2]],
        0.05,
        surface,
      );
  }
  if (traits.chance("wings", 0.2)) {
    for (const side of [1, -1])
      mesh.quad([0, 1, -0.15], [side * 0.9, 1.5, -0.4], [side * 0.8, 2.2, -0.4], [0, 1.5, -0.15], surface);
  }
}

function addRider(mesh: Mesh, traits: Traits, surface: Surface): void {
  const rear = traits.range("rearing", 0, 0.5);
  mesh.place({ y: 1.15 }, () => addEllipsoid(mesh, [0.32, 0.36, 0.85], surface));
  addBar(mesh, [0, 1.3, 0.6], [0, 2 + rear * 0.4, 1.05], 0.32, surface);
  mesh.place({ y: 2.05 + rear * 0.4, z: 1.2 }, () => addEllipsoid(mesh, [0.14, 0.16, 0.32], surface));
  for (const [x, z] of [
    [0.18, 0.6],
    [-0.18, 0.6],
    [0.18, -0.6],
    [-0.18, -0.6],
  ] as const) {
    addBar(mesh, [x, 1, z], [x, z > 0 && x > 0 ? rear : 0, z + (z > 0 ? rear * 0.7 : 0)], 0.16, surface);
  }
  mesh.place({ y: 1.25, z: -0.1 }, () => addFigure(mesh, traits.within("rider"), surface));
}

/** An obelisk, a victory column with a figure, or a needle. */
export function buildColumn(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 18, 42);
  const kind = traits.pick("kind", ["obelisk", "victory", "victory", "needle", "pillar"] as const);
  const base = height * traits.range("base", 0.12, 0.26);
  addSteps(
    mesh,
    { width: base * 1.4, height: 1.6, depth: base * 1.4 },
    traits.integer("steps", 3, 6),
    0.9,
    style.trim,
  );
  addBox(
    mesh,
    { width: base, height: base * traits.range("plinth", 0.7, 1.5), depth: base },
    style.wall,
    style.trim,
  );
  const foot = base * traits.range("plinth", 0.7, 1.5);
  mesh.place({ y: foot }, () => {
    if (kind === "obelisk") {
      const half = base * traits.range("girth", 0.25, 0.36);
      addFrustum(mesh, regularOutline(4, half * 1.41), regularOutline(4, half), height, {
        walls: style.wall2,
        top: null,
      });
      mesh.place({ y: height }, () => addSpire(mesh, { radius: half, height: half * 1.4 }, 4, style.crown));
    } else if (kind === "needle") {
      addLathe(
        mesh,
        [
          [base * 0.4, 0],
          [base * 0.1, height * 0.5],
          [0, height * 1.3],
        ],
        style.metal,
        { segments: traits.pick("edges", [3, 4, 12]), smooth: false },
      );
    } else {
      const radius = base * traits.range("girth", 0.2, 0.34);
      addColumn(mesh, { radius, height }, kind === "victory" ? style.wall2 : style.wall, 14);
      for (let i = 1; i < traits.integer("rings", 1, 5); i++)
        mesh.place({ y: (height * i) / 5.5 }, () =>
          addCylinder(mesh, { radius: radius * 1.15, height: radius * 0.3 }, style.trim, { segments: 14 }),
        );
      mesh.place({ y: height }, () => {
        addCylinder(mesh, { radius: radius * 1.5, height: radius * 0.5 }, style.trim);
        mesh.place({ y: radius * 0.5 }, () => addColumnTop(mesh, traits, style, radius));
      });
    }
  });
  if (traits.chance("ring", 0.35)) {
    for (const [x, z] of regularOutline(traits.integer("posts", 6, 10), base * 1.6))
      mesh.place({ x, z }, () => addCylinder(mesh, { radius: 0.4, height: 3 }, style.wall, { segments: 8 }));
  }
}

function addColumnTop(mesh: Mesh, traits: Traits, style: Style, radius: number): void {
  const top = traits.pick("top", ["figure", "figure", "ball", "flame", "dome"] as const);
  if (top === "figure")
    mesh.place({ size: radius * 1.5 }, () => addFigure(mesh, traits.within("top"), style.crown));
  else if (top === "ball")
    mesh.place({ y: radius }, () => addEllipsoid(mesh, [radius, radius, radius], style.crown));
  else if (top === "flame") addDome(mesh, "onion", { radius, height: radius * 2.6 }, style.crown, 10);
  else addDome(mesh, "half", { radius: radius * 1.3, height: radius * 1.3 }, style.crown, 12);
}
