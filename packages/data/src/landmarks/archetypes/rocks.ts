import type { Mesh } from "../geometry/mesh.ts";
import { addEllipsoid } from "../geometry/solids.ts";
import { createSurface } from "../render/surface.ts";
import type { Traits } from "../traits.ts";

/** A natural sight: pinnacles, cliffs or a stone arch. */
export function buildRock(mesh: Mesh, traits: Traits): void {
  const stone = createSurface(
    "rock",
    traits.pick("stone", [
      [0.42, 0.2, 0.1],
      [0.3, 0.28, 0.25],
      [0.5, 0.44, 0.34],
      [0.14, 0.13, 0.13],
      [0.36, 0.3, 0.2],
    ] as const),
    {
      scale: traits.range("scale", 2, 5),
      variation: 1,
    },
  );
  const banded = createSurface("stripes", stone.color, {
    accent: [stone.color[0] * 0.6, stone.color[1] * 0.6, stone.color[2] * 0.6],
    scale: traits.range("strata", 1.5, 5),
    variation: 0.4,
  });
  const skin = traits.chance("banded", 0.4) ? banded : stone;
  const lumps =
    (part: Traits) =>
    (segment: number, ring: number): number =>
      0.78 + 0.44 * part.unit(`${segment},${ring}`);
  if (traits.chance("arch", 0.3)) {
    const radius = traits.range("span", 9, 16);
    const steps = 13;
    for (let i = 0; i <= steps; i++) {
      const angle = (Math.PI * i) / steps;
      const part = traits.within(`arch${i}`);
      const r = radius * part.range("r", 0.25, 0.4) * (1.3 - 0.5 * Math.sin(angle));
      mesh.place({ x: Math.cos(angle) * radius, y: Math.sin(angle) * radius * 1.1 }, () =>
        addEllipsoid(mesh, [r, r, r * 1.2], skin, { rings: 5, segments: 8, lumps: lumps(part) }),
      );
    }
    return;
  }
  const count = traits.integer("count", 2, 6);
  for (let i = 0; i < count; i++) {
    const part = traits.within(`peak${i}`);
    const width = part.range("width", 5, 14);
    const height = width * part.range("height", 0.6, 2.6);
    mesh.place(
      { x: (i - (count - 1) / 2) * part.range("step", 6, 11), z: part.range("z", -8, 4), y: height * 0.3 },
      () =>
        addEllipsoid(mesh, [width / 2, height * 0.7, width / 2], skin, {
          rings: 8,
          segments: 10,
          lumps: lumps(part),
        }),
    );
  }
}
