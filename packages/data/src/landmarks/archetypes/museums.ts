import type { Mesh } from "../geometry/mesh.ts";
import { addSteps } from "../geometry/orders.ts";
import { addBox, addCylinder, addEllipsoid, addLathe } from "../geometry/solids.ts";
import { createSurface, type Surface } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createCurtainWall, type Style } from "./style.ts";

/** What the body of a museum is made of, and the width of the platform it stands on. */
interface Body {
  readonly skin: Surface;
  readonly glass: Surface;
  readonly width: number;
}

const bodies: readonly ((mesh: Mesh, traits: Traits, body: Body) => void)[] = [
  addShells,
  addShells,
  addBoxes,
  addSphere,
  addSaucer,
];

/** A modern museum or opera house: shells, tilted boxes, a sphere or a saucer. */
export function buildMuseum(mesh: Mesh, traits: Traits, style: Style): void {
  const skin = createSurface(
    traits.pick("skin", ["tiles", "plain", "seams", "coffers", "lattice"] as const),
    traits.pick("skinColor", [
      [0.8, 0.79, 0.75],
      [0.6, 0.62, 0.64],
      [0.55, 0.38, 0.2],
      [0.3, 0.32, 0.35],
    ] as const),
    { scale: traits.range("skinScale", 1.5, 4), gloss: 0.12 },
  );
  const width = traits.range("base", 34, 56);
  const height = traits.range("baseHeight", 2, 6);
  addSteps(mesh, { width, height, depth: 24 }, 5, 1, style.wall2);
  const glass = createCurtainWall(traits.within("glass"));
  mesh.place({ y: height }, () => traits.pick("kind", bodies)(mesh, traits, { skin, glass, width }));
}

function addBoxes(mesh: Mesh, traits: Traits, { skin, glass, width }: Body): void {
  const count = traits.integer("boxes", 3, 6);
  for (let i = 0; i < count; i++) {
    const part = traits.within(`box${i}`);
    const size = {
      width: part.range("w", 8, 20),
      height: part.range("h", 5, 24),
      depth: part.range("d", 8, 18),
    };
    const at = {
      x: width * (i / (count - 1) - 0.5) * 0.7,
      y: part.range("lift", 0, 4),
      z: part.range("z", -5, 4),
      turn: part.range("turn", -0.6, 0.6),
    };
    mesh.place(at, () => addBox(mesh, size, i % 2 === 0 ? skin : glass, skin));
  }
}

function addSphere(mesh: Mesh, traits: Traits, { skin, glass }: Body): void {
  const radius = traits.range("radius", 8, 13);
  const mirror = createSurface("plain", [0.5, 0.5, 0.52], { gloss: 0.8 });
  const shell = traits.chance("mirror", 0.3) ? mirror : skin;
  mesh.place({ y: radius * 0.85 }, () =>
    addEllipsoid(mesh, [radius, radius, radius], shell, { rings: 12, segments: 20 }),
  );
  const wing = { width: radius, height: radius * traits.range("wing", 0.4, 1.2), depth: 12 };
  for (const side of [1, -1]) mesh.place({ x: side * radius * 1.6 }, () => addBox(mesh, wing, glass, skin));
}

function addSaucer(mesh: Mesh, traits: Traits, { skin, glass }: Body): void {
  const radius = traits.range("disc", 14, 22);
  const stem = traits.range("stem", 3, 9);
  const rim = stem + traits.range("rim", 5, 9);
  addCylinder(mesh, { radius: radius * 0.35, height: stem }, glass);
  const profile = [
    [radius * 0.35, stem],
    [radius, stem + 3],
    [radius * 0.96, rim],
    [radius * 0.4, stem + 10],
    [0, stem + 11],
  ] as const;
  addLathe(mesh, profile, skin, { segments: 28 });
}

function addShells(mesh: Mesh, traits: Traits, { skin, width }: Body): void {
  const count = traits.integer("shells", 3, 6);
  for (let i = 0; i < count; i++) {
    const part = traits.within(`shell${i}`);
    const size = part.range("size", 8, 17);
    const lean = part.range("lean", 0.3, 0.8) * (traits.chance("opposed", 0.4) && i >= count / 2 ? -1 : 1);
    mesh.place(
      {
        x: width * 0.7 * ((i + 0.5) / count - 0.5),
        z: part.range("z", -4, 3),
        turn: part.range("turn", -0.5, 0.5),
      },
      () => {
        const rows = 6;
        const at = (u: number, v: number): [number, number, number] => {
          const angle = Math.PI * u;
          const shrink = Math.cos((v * Math.PI) / 2) ** 0.7;
          return [
            Math.cos(angle) * size * 0.5 * shrink + lean * size * v,
            Math.sin(angle) * size * 0.25 + size * 1.25 * v * Math.sin(angle),
            size * 0.55 * (0.5 - v) * 1.4,
          ];
        };
        for (let u = 0; u < 8; u++) {
          for (let v = 0; v < rows; v++)
            mesh.quad(
              at(u / 8, v / rows),
              at((u + 1) / 8, v / rows),
              at((u + 1) / 8, (v + 1) / rows),
              at(u / 8, (v + 1) / rows),
              skin,
            );
        }
      },
    );
  }
}
