import type { Color } from "../color.ts";
import type { Mesh, Point } from "../geometry/mesh.ts";
import { addBar, addEllipsoid, addLathe } from "../geometry/solids.ts";
import { chance, pick, type Random, range } from "../random.ts";
import { createSurface, type Surface } from "../render/surface.ts";

/** The seasons, as trees show them. */
export type Season = "spring" | "summer" | "autumn" | "winter";

/** The trees of a region. */
export type TreeKind = "broadleaf" | "conifer" | "palm" | "cypress" | "poplar";

const leaves: Readonly<Record<Season, readonly Color[]>> = {
  spring: [
    [0.16, 0.3, 0.06],
    [0.22, 0.34, 0.08],
    [0.5, 0.3, 0.34],
    [0.6, 0.55, 0.5],
  ],
  summer: [
    [0.06, 0.16, 0.03],
    [0.09, 0.2, 0.05],
    [0.05, 0.13, 0.05],
    [0.12, 0.18, 0.04],
  ],
  autumn: [
    [0.45, 0.2, 0.03],
    [0.5, 0.33, 0.05],
    [0.35, 0.1, 0.03],
    [0.2, 0.2, 0.05],
  ],
  winter: [
    [0.13, 0.11, 0.07],
    [0.1, 0.09, 0.07],
  ],
};

const bark: Surface = createSurface("plain", [0.1, 0.075, 0.05]);

/** The foliage of a season; evergreens keep their colour. */
export function createFoliage(random: Random, kind: TreeKind, season: Season): Surface {
  const evergreen = kind === "conifer" || kind === "cypress" || kind === "palm";
  const color = pick(
    random,
    evergreen
      ? ([
          [0.03, 0.09, 0.04],
          [0.05, 0.12, 0.05],
        ] as const)
      : leaves[season],
  );
  const gain = range(random, 0.7, 1.25);
  return createSurface("foliage", [color[0] * gain, color[1] * gain, color[2] * gain], {
    scale: range(random, 1.4, 2.4),
  });
}

/** A tree of the given height. */
export function addTree(
  mesh: Mesh,
  random: Random,
  tree: { kind: TreeKind; height: number; season: Season; foliage: Surface },
): void {
  const { kind, height, season, foliage } = tree;
  const lumps = lumpsFrom(random);
  if (kind === "conifer") {
    const tiers = 4;
    addBar(mesh, [0, 0, 0], [0, height * 0.3, 0], height * 0.04, bark);
    for (let i = 0; i < tiers; i++) {
      const y = height * (0.12 + 0.2 * i);
      addLathe(
        mesh,
        [
          [height * 0.22 * (1 - i / (tiers + 0.6)), y],
          [0, y + height * 0.38],
        ],
        foliage,
        { segments: 7, smooth: false, phase: random() },
      );
    }
    return;
  }
  if (kind === "cypress" || kind === "poplar") {
    const radius = height * (kind === "cypress" ? 0.09 : 0.13);
    addBar(mesh, [0, 0, 0], [0, height * 0.2, 0], height * 0.03, bark);
    mesh.place({ y: height * 0.54 }, () =>
      addEllipsoid(mesh, [radius, height * 0.46, radius], foliage, { rings: 7, segments: 7, lumps }),
    );
    return;
  }
  if (kind === "palm") {
    addPalm(mesh, random, height, foliage);
    return;
  }
  const crown = height * range(random, 0.55, 0.7);
  addBar(mesh, [0, 0, 0], [0, height * 0.5, 0], height * 0.05, bark);
  if (season === "winter" && chance(random, 0.8)) {
    addBranches(mesh, random, height);
    return;
  }
  const blobs = 3;
  for (let i = 0; i < blobs; i++) {
    const radius = crown * range(random, 0.26, 0.4);
    const angle = random() * 6.28;
    const out = i === 0 ? 0 : crown * 0.24;
    mesh.place(
      {
        x: Math.cos(angle) * out,
        z: Math.sin(angle) * out,
        y: height - radius - crown * range(random, 0, 0.3),
      },
      () =>
        addEllipsoid(mesh, [radius * 1.1, radius, radius * 1.1], foliage, { rings: 5, segments: 7, lumps }),
    );
  }
}

function lumpsFrom(random: Random): (segment: number, ring: number) => number {
  const table = Float32Array.from({ length: 128 }, () => range(random, 0.8, 1.2));
  return (segment, ring) => table[(((segment * 13 + ring * 29) % 128) + 128) % 128]!;
}

function addBranches(mesh: Mesh, random: Random, height: number): void {
  for (let i = 0; i < 9; i++) {
    const angle = random() * 6.28;
    const from: Point = [0, height * range(random, 0.3, 0.55), 0];
    const reach = height * range(random, 0.15, 0.32);
    const to: Point = [Math.cos(angle) * reach, height * range(random, 0.65, 1), Math.sin(angle) * reach];
    addBar(mesh, from, to, height * 0.018, bark);
    for (let twig = 0; twig < 2; twig++) {
      const tip: Point = [
        to[0] * range(random, 1, 1.5),
        to[1] + height * range(random, 0, 0.14),
        to[2] * range(random, 1, 1.5),
      ];
      addBar(
        mesh,
        [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2],
        tip,
        height * 0.009,
        bark,
      );
    }
  }
}

function addPalm(mesh: Mesh, random: Random, height: number, foliage: Surface): void {
  const lean = range(random, -0.1, 0.1) * height;
  addBar(mesh, [0, 0, 0], [lean, height * 0.85, 0], height * 0.035, bark);
  mesh.place({ x: lean, y: height * 0.85, turn: random() }, () => {
    for (let i = 0; i < 9; i++) {
      mesh.place({ turn: i * 0.7 }, () => {
        const w = height * 0.05;
        mesh.quad(
          [-w, 0, 0],
          [w, 0, 0],
          [w, height * 0.09, height * 0.2],
          [-w, height * 0.09, height * 0.2],
          foliage,
        );
        mesh.quad(
          [-w, height * 0.09, height * 0.2],
          [w, height * 0.09, height * 0.2],
          [0, -height * 0.06, height * 0.36],
          [0, -height * 0.06, height * 0.36],
          foliage,
        );
      });
    }
  });
}
