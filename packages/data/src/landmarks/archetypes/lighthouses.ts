import type { Mesh, Point } from "../geometry/mesh.ts";
import { addDome, addHipRoof } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A lighthouse: a tapered shaft, often striped, with gallery and lantern; or a windmill. */
export function buildLighthouse(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 16, 34);
  const radius = height * traits.range("girth", 0.1, 0.17);
  const top = radius * traits.range("taper", 0.5, 0.8);
  const paint = createSurface("stripes", [0.85, 0.84, 0.8], {
    accent: traits.pick("paint", [
      [0.55, 0.05, 0.04],
      [0.04, 0.05, 0.07],
      [0.05, 0.12, 0.35],
      [0.6, 0.3, 0.04],
    ] as const),
    scale: height / traits.integer("bands", 2, 7),
    variation: 0.5,
  });
  const shaft = traits.chance("striped", 0.55) ? paint : style.wall;
  addPrism(mesh, regularOutline(8, radius * 1.5), height * 0.06, { walls: style.trim, top: style.trim });
  addLathe(
    mesh,
    [
      [radius, 0],
      [top, height],
    ],
    shaft,
    { segments: traits.pick("sides", [20, 20, 8]), smooth: traits.chance("round", 0.8) },
  );
  if (traits.chance("mill", 0.3)) {
    mesh.place({ y: height }, () =>
      addDome(mesh, "pointed", { radius: top * 1.15, height: top * 1.3 }, style.roof),
    );
    mesh.place({ y: height * 0.98, z: top + 0.9 }, () => addSails(mesh, traits, height * 0.55, style));
  } else {
    mesh.place({ y: height }, () => {
      addCylinder(mesh, { radius: top * 1.5, height: 0.6 }, style.trim);
      addCylinder(
        mesh,
        { radius: top * 0.75, height: top * 1.4 },
        createSurface("lattice", [0.3, 0.3, 0.3], { accent: [0.5, 0.5, 0.4], glow: -1.5, gloss: 0.3 }),
      );
      mesh.place({ y: top * 1.4 }, () =>
        addDome(
          mesh,
          traits.pick("lantern", ["half", "pointed", "bell"] as const),
          { radius: top * 0.9, height: top },
          style.crown,
          12,
        ),
      );
    });
  }
  if (traits.chance("house", 0.6)) {
    mesh.place({ x: radius * 2.3 }, () => {
      const house = { width: 8, height: 4, depth: 7 };
      addBox(mesh, house, withWindows(style.wall2, createWindows(traits.within("house"), style)), style.roof);
      mesh.place({ y: 4 }, () => addHipRoof(mesh, { ...house, height: 2.6 }, 0.5, style.roof));
    });
  }
}

function addSails(mesh: Mesh, traits: Traits, length: number, style: Style): void {
  const cloth = createSurface("lattice", [0.25, 0.18, 0.1], { accent: [0.75, 0.7, 0.6], scale: 1.2 });
  const turn = traits.range("sailTurn", 0, 1.5);
  for (let i = 0; i < 4; i++) {
    const a = turn + (Math.PI / 2) * i;
    const [x, y] = [Math.cos(a), Math.sin(a)];
    addBar(mesh, [0, 0, 0], [x * length, y * length, 0], 0.35, style.metal);
    const w = length * 0.16;
    const corner = (along: number, across: number): Point => [
      x * along - y * across,
      y * along + x * across,
      0.1,
    ];
    mesh.quad(corner(length * 0.2, 0), corner(length, 0), corner(length, w), corner(length * 0.2, w), cloth);
  }
}
