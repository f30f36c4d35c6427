import type { Mesh } from "../geometry/mesh.ts";
import { addArch, addColumn, addMerlons, addPediment } from "../geometry/orders.ts";
import { addBox, addCylinder, addEllipsoid } from "../geometry/solids.ts";
import type { Traits } from "../traits.ts";
import type { Style } from "./style.ts";

/** A gate of one or three arches with columns, attic and sculptures. */
export function buildTriumphalArch(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 16, 30);
  const height = width * traits.range("height", 0.6, 1.05);
  const depth = width * traits.range("depth", 0.22, 0.45);
  const bays = traits.pick("bays", [1, 1, 3]);
  const curve = traits.pick("curve", ["round", "round", "pointed", "flat"] as const);
  const attic = height * traits.range("attic", 0.12, 0.32);
  const main = bays === 1 ? width : width * 0.44;
  addArch(
    mesh,
    {
      width: main,
      height,
      depth,
      opening: main * traits.range("opening", 0.42, 0.62),
      spring: height * traits.range("spring", 0.4, 0.58),
    },
    curve,
    style.wall,
    style.wall2,
  );
  if (bays === 3) {
    const small = (width - main) / 2;
    for (const side of [1, -1]) {
      mesh.place({ x: side * (main / 2 + small / 2) }, () =>
        addArch(
          mesh,
          { width: small, height: height * 0.86, depth, opening: small * 0.5, spring: height * 0.36 },
          curve,
          style.wall,
          style.wall2,
        ),
      );
    }
  }
  for (const z of [1, -1]) {
    for (const x of [-0.46, -0.34, 0.34, 0.46]) {
      if (traits.chance("columns", 0.75))
        mesh.place({ x: x * width, z: z * (depth / 2 + 0.5) }, () =>
          addColumn(mesh, { radius: width * 0.022, height: height * 0.84 }, style.trim),
        );
    }
  }
  mesh.place({ y: bays === 3 ? height * 0.86 : height }, () => {
    addBox(mesh, { width: width * 1.04, height: attic * 0.3, depth: depth * 1.2 }, style.trim);
    mesh.place({ y: attic * 0.3 }, () =>
      addBox(
        mesh,
        { width: width * 0.92, height: attic * (bays === 3 ? 1.4 : 1), depth: depth * 0.9 },
        style.wall2,
        style.trim,
      ),
    );
    mesh.place({ y: attic * (bays === 3 ? 1.7 : 1.3) }, () =>
      addAtticCrown(mesh, traits, style, width, attic),
    );
  });
}

function addAtticCrown(mesh: Mesh, traits: Traits, style: Style, width: number, attic: number): void {
  const kind = traits.pick("crown", ["none", "horses", "merlons", "towers", "pediment"] as const);
  if (kind === "merlons") addMerlons(mesh, width * 0.9, { width: 1, height: 1.6, depth: 0.8 }, style.trim);
  else if (kind === "pediment")
    addPediment(mesh, { width: width * 0.6, height: width * 0.13, depth: 2 }, style.trim, style.wall);
  else if (kind === "towers") {
    for (const x of [-0.36, 0.36])
      mesh.place({ x: x * width }, () =>
        addCylinder(mesh, { radius: width * 0.07, height: attic * 2.4 }, style.wall, { segments: 10 }),
      );
  } else if (kind === "horses") {
    for (const x of [-0.12, -0.04, 0.04, 0.12])
      mesh.place({ x: x * width, y: width * 0.07 }, () =>
        addEllipsoid(mesh, [width * 0.025, width * 0.05, width * 0.08], style.crown),
      );
    mesh.place({ y: width * 0.13, z: -width * 0.05 }, () =>
      addEllipsoid(mesh, [width * 0.03, width * 0.08, width * 0.03], style.crown),
    );
  }
}
