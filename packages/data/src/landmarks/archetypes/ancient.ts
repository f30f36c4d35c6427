import type { Mesh } from "../geometry/mesh.ts";
import { addArcadeRing, addColonnade, addPediment, addSteps } from "../geometry/orders.ts";
import { addGableRoof } from "../geometry/roofs.ts";
import { addBox, addCylinder, addFrustum, addLathe } from "../geometry/solids.ts";
import { createSurface } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import type { Style } from "./style.ts";

/** A temple on steps, with columns around a hall and a gabled roof; some are ruins. */
export function buildTemple(mesh: Mesh, traits: Traits, style: Style): void {
  const columns = traits.integer("columns", 4, 9);
  const spacing = traits.range("spacing", 2.4, 3.8);
  const width = columns * spacing;
  const sideColumns = traits.integer("sideColumns", 6, 12);
  const depth = sideColumns * spacing * 0.9;
  const height = traits.range("height", 7, 12);
  const base = traits.range("base", 1.2, 4);
  const ruined = traits.chance("ruined", 0.3);
  const radius = traits.range("radius", 0.55, 0.95);
  mesh.place({ z: -depth * 0.3 }, () => {
    addSteps(
      mesh,
      { width: width + 1.5, height: base, depth: depth + 1.5 },
      traits.integer("steps", 3, 7),
      0.6,
      style.wall,
    );
    mesh.place({ y: base }, () => {
      for (const z of [1, -1]) {
        mesh.place({ z: (z * depth) / 2 - z }, () =>
          addColonnade(mesh, { count: columns, length: width - 1.6, radius, height }, style.trim),
        );
      }
      for (const x of [1, -1]) {
        mesh.place({ x: x * (width / 2 - 0.8), turn: Math.PI / 2 }, () =>
          addColonnade(
            mesh,
            { count: ruined ? Math.ceil(sideColumns * 0.6) : sideColumns, length: depth - 2, radius, height },
            style.trim,
          ),
        );
      }
      if (!ruined || traits.chance("cella", 0.4)) {
        addBox(
          mesh,
          { width: width * 0.62, height: height * (ruined ? 0.6 : 1), depth: depth * 0.68 },
          style.wall,
        );
      }
      mesh.place({ y: height }, () => addTempleTop(mesh, traits, style, { width, depth, ruined }));
    });
  });
}

function addTempleTop(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  at: { width: number; depth: number; ruined: boolean },
): void {
  const beam = traits.range("beam", 1.2, 2.4);
  const pediment = at.width * traits.range("pediment", 0.12, 0.24);
  if (at.ruined) {
    const share = traits.range("left", 0.4, 0.9);
    mesh.place({ z: at.depth / 2 - 1, x: (-at.width * (1 - share)) / 2 }, () => {
      addBox(mesh, { width: at.width * share, height: beam, depth: 2 }, style.trim);
    });
    return;
  }
  addBox(mesh, { width: at.width, height: beam, depth: at.depth }, style.trim);
  mesh.place({ y: beam }, () => {
    addGableRoof(mesh, { width: at.width, height: pediment, depth: at.depth }, style.roof, style.trim, 0.3);
    mesh.place({ z: at.depth / 2 - 0.4 }, () =>
      addPediment(mesh, { width: at.width, height: pediment, depth: 1 }, style.trim, style.wall2),
    );
  });
}

/** A ring of arcades around an arena. */
export function buildAmphitheatre(mesh: Mesh, traits: Traits, style: Style): void {
  const radius = traits.range("radius", 24, 40);
  const storeys = traits.integer("storeys", 2, 4);
  const arches = traits.integer("arches", 18, 30);
  const height = traits.range("storey", 5, 8);
  const curve = traits.pick("curve", ["round", "round", "pointed", "flat"] as const);
  const opening = ((2 * Math.PI * radius) / arches) * traits.range("opening", 0.45, 0.7);
  for (let storey = 0; storey < storeys; storey++) {
    const wall = storey % 2 === 0 ? style.wall : style.wall2;
    mesh.place({ y: storey * (height + 0.8) }, () => {
      addArcadeRing(mesh, arches, radius, { height, depth: 2.4, opening, spring: height * 0.5 }, curve, wall);
      mesh.place({ y: height }, () =>
        addLathe(
          mesh,
          [
            [radius + 1.6, 0],
            [radius + 1.6, 0.8],
            [radius - 1.6, 0.8],
          ],
          style.trim,
          { segments: arches },
        ),
      );
    });
  }
  const top = storeys * (height + 0.8);
  if (traits.chance("attic", 0.6)) {
    mesh.place({ y: top }, () =>
      addLathe(
        mesh,
        [
          [radius + 1, 0],
          [radius + 1, height * 0.8],
          [radius - 1, height * 0.8],
          [radius - 1, 0],
        ],
        style.wall,
        { segments: arches },
      ),
    );
  }
  addLathe(
    mesh,
    [
      [radius * 0.5, 0.5],
      [radius - 2, top * 0.85],
    ],
    style.dark,
    { segments: arches },
  );
  addCylinder(mesh, { radius: radius * 0.5, height: 0.5 }, createSurface("plaster", [0.5, 0.4, 0.26]));
}

/** A pyramid: smooth, stepped with a stair and a shrine, or of glass. */
export function buildPyramid(mesh: Mesh, traits: Traits, style: Style): void {
  const half = traits.range("half", 16, 30);
  const height = half * traits.range("steepness", 0.8, 1.4);
  const kind = traits.pick("kind", ["smooth", "stepped", "stepped", "glass"] as const);
  if (kind !== "stepped") {
    const skin =
      kind === "smooth"
        ? style.wall
        : createSurface("lattice", [0.3, 0.34, 0.36], {
            accent: [0.07, 0.11, 0.14],
            scale: traits.range("pane", 2, 4),
            gloss: 0.4,
          });
    addFrustum(mesh, square(half), square(0.01), height, { walls: skin, top: null });
    if (kind === "smooth" && traits.chance("cap", 0.4)) {
      mesh.place({ y: height * 0.78 }, () =>
        addFrustum(mesh, square(half * 0.235), square(0.01), height * 0.235, {
          walls: style.trim,
          top: null,
        }),
      );
    }
    for (let i = 0; i < traits.integer("companions", 0, 2); i++) {
      mesh.place(
        { x: (i === 0 ? 1 : -1) * half * 1.7, z: -half * 0.8, size: traits.range("companion", 0.25, 0.5) },
        () => addFrustum(mesh, square(half), square(0.01), height, { walls: skin, top: null }),
      );
    }
    return;
  }
  const terraces = traits.integer("terraces", 4, 9);
  const taper = traits.range("taper", 0.55, 0.8);
  for (let i = 0; i < terraces; i++) {
    const outer = half * (1 - (taper * i) / terraces);
    mesh.place({ y: (height * i) / terraces }, () =>
      addFrustum(mesh, square(outer), square(outer - 0.6), height / terraces, {
        walls: i % 2 === 0 ? style.wall : style.wall2,
        top: style.wall,
      }),
    );
  }
  addGrandStair(
    mesh,
    { half, height, top: half * (1 - taper), width: half * traits.range("stair", 0.25, 0.5) },
    style,
  );
  const shrine = {
    width: half * (1 - taper) * 1.5,
    height: height * traits.range("shrine", 0.2, 0.45),
    depth: half * (1 - taper) * 1.2,
  };
  mesh.place({ y: height }, () => {
    addBox(mesh, shrine, style.trim);
    mesh.place({ z: shrine.depth / 2 + 0.05 }, () =>
      addBox(mesh, { width: shrine.width * 0.3, height: shrine.height * 0.6, depth: 0.1 }, style.dark),
    );
    mesh.place({ y: shrine.height }, () =>
      addBox(mesh, { width: shrine.width * 0.6, height: shrine.height * 0.7, depth: 1 }, style.wall2),
    );
  });
}

function addGrandStair(
  mesh: Mesh,
  at: { half: number; height: number; top: number; width: number },
  style: Style,
): void {
  const steps = 14;
  for (let i = 0; i < steps; i++) {
    const from = at.half + 2 - ((at.half - at.top + 2) * i) / steps;
    const y = (at.height * (i + 1)) / steps;
    const below = (at.height * i) / steps;
    mesh.quad(
      [-at.width / 2, below, from],
      [at.width / 2, below, from],
      [at.width / 2, y, from],
      [-at.width / 2, y, from],
      style.trim,
    );
    const next = at.half + 2 - ((at.half - at.top + 2) * (i + 1)) / steps;
    mesh.quad(
      [-at.width / 2, y, from],
      [at.width / 2, y, from],
      [at.width / 2, y, next],
      [-at.width / 2, y, next],
      style.trim,
    );
  }
  for (const side of [1, -1]) {
    const x = (side * at.width) / 2;
    mesh.quad(
      [x, 0, at.half + 2],
      [x, 0, at.top],
      [x, at.height + 1, at.top],
      [x, 1, at.half + 2],
      style.wall2,
    );
  }
}

function square(half: number): [number, number][] {
  return [
    [-half, half],
    [half, half],
    [half, -half],
    [-half, -half],
  ];
}
