import type { Mesh } from "../geometry/mesh.ts";
import { addArcade, addArch, addColonnade, addMerlons, addPediment, addSteps } from "../geometry/orders.ts";
import { addDome, addGableRoof, addHipRoof, addMansard, addSpire } from "../geometry/roofs.ts";
import { addBox, addDisc } from "../geometry/solids.ts";
import { createSurface, type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A wide symmetrical front: wings, end pavilions and a middle with portico, dome or tower. */
export function buildPalace(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 40, 76);
  const floors = traits.integer("floors", 2, 4);
  const windows = createWindows(traits.within("wing"), style);
  const height = windows.floor * floors;
  const depth = traits.range("depth", 12, 18);
  const walls = withWindows(style.wall, windows);
  addBox(mesh, { width, height, depth }, walls, style.roof);
  mesh.place({ y: height }, () => {
    addBox(mesh, { width: width + 0.8, height: 0.8, depth: depth + 0.8 }, style.trim);
    addWingRoof(mesh, traits, style, { width, depth });
  });
  const pavilion = {
    width: width * traits.range("pavilion", 0.12, 0.2),
    height: height * traits.range("pavilionHeight", 1, 1.35),
    depth: depth * 1.25,
  };
  if (traits.chance("pavilions", 0.7)) {
    for (const side of [1, -1]) {
      mesh.place({ x: side * (width / 2 - pavilion.width * 0.3) }, () =>
        addPavilion(mesh, traits.within("end"), style, pavilion, walls),
      );
    }
  }
  const middle = {
    width: width * traits.range("middle", 0.16, 0.3),
    height: height * traits.range("middleHeight", 1.1, 1.6),
    depth: depth * 1.4,
  };
  addPavilion(mesh, traits.within("middle"), style, middle, withWindows(style.wall2, windows));
  mesh.place({ z: middle.depth / 2 }, () =>
    addEntrance(mesh, traits, style, { width: middle.width, height }),
  );
}

function addWingRoof(mesh: Mesh, traits: Traits, style: Style, at: { width: number; depth: number }): void {
  const kind = traits.pick("wingRoof", ["hip", "mansard", "flat", "balustrade"] as const);
  const height = traits.range("roofHeight", 3, 6);
  if (kind === "hip") addHipRoof(mesh, { ...at, height }, 0.8, style.roof);
  else if (kind === "mansard")
    addMansard(
      mesh,
      { ...at, height },
      height * 0.5,
      withWindows(
        style.roof,
        createWindows(traits.within("dormer"), style, { floor: [height, height + 0.1] }),
      ),
      style.roof,
    );
  else if (kind === "balustrade") {
    for (const side of [1, -1])
      mesh.place({ y: 0.8, z: side * (at.depth / 2) }, () =>
        addMerlons(mesh, at.width, { width: 0.8, height: 1.3, depth: 0.5 }, style.trim),
      );
  }
}

function addPavilion(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  size: { width: number; height: number; depth: number },
  walls: Surface,
): void {
  addBox(mesh, size, walls, style.trim);
  mesh.place({ y: size.height }, () => {
    addBox(mesh, { width: size.width + 0.8, height: 0.9, depth: size.depth + 0.8 }, style.trim);
    const kind = traits.pick("crown", ["hip", "mansard", "dome", "tower", "pediment", "spire"] as const);
    const tall = size.width * traits.range("crownHeight", 0.35, 0.8);
    mesh.place({ y: 0.9 }, () => {
      if (kind === "hip") addHipRoof(mesh, { ...size, height: tall }, 0.2, style.roof);
      else if (kind === "mansard")
        addMansard(mesh, { ...size, height: tall }, tall * 0.4, style.roof, style.crown);
      else if (kind === "dome")
        addDome(
          mesh,
          traits.pick("dome", ["half", "pointed", "bell"] as const),
          { radius: size.width * 0.45, height: tall * 1.1 },
          style.crown,
        );
      else if (kind === "spire")
        addSpire(mesh, { radius: size.width * 0.5, height: tall * 2.2 }, 4, style.crown, 0.2);
      else if (kind === "pediment")
        addGableRoof(mesh, { ...size, height: tall * 0.6 }, style.roof, style.trim);
      else {
        const side = size.width * 0.4;
        addBox(mesh, { width: side, height: tall * 1.5, depth: side }, walls, style.trim);
        const face = createSurface("clock", [0.85, 0.82, 0.72], {
          accent: [0.04, 0.04, 0.04],
          detail: 10.15,
        });
        mesh.place({ y: tall * 1.1, z: side / 2 + 0.1 }, () => addDisc(mesh, side * 0.34, face));
        mesh.place({ y: tall * 1.5 }, () =>
          addDome(mesh, "bell", { radius: side * 0.6, height: tall }, style.crown),
        );
      }
    });
  });
}

function addEntrance(mesh: Mesh, traits: Traits, style: Style, at: { width: number; height: number }): void {
  const kind = traits.pick("entrance", ["portico", "arches", "arch", "plain"] as const);
  if (kind === "portico") {
    mesh.place({ z: 1.5 }, () => {
      addSteps(mesh, { width: at.width, height: 1, depth: 3 }, 3, 0.6, style.trim);
      mesh.place({ y: 1, z: 0.8 }, () =>
        addColonnade(
          mesh,
          {
            count: traits.integer("columns", 4, 6),
            length: at.width - 1,
            radius: 0.5,
            height: at.height * 0.75,
          },
          style.trim,
        ),
      );
      mesh.place({ y: 1 + at.height * 0.75 }, () =>
        addPediment(mesh, { width: at.width, height: at.width * 0.22, depth: 3 }, style.trim, style.wall),
      );
    });
  } else if (kind === "arches") {
    mesh.place({ z: 1 }, () =>
      addArcade(
        mesh,
        3,
        {
          width: at.width / 3,
          height: at.height * 0.42,
          depth: 2,
          opening: at.width / 5,
          spring: at.height * 0.2,
        },
        "round",
        style.trim,
      ),
    );
  } else if (kind === "arch") {
    mesh.place({ z: 0.6 }, () =>
      addArch(
        mesh,
        {
          width: at.width * 0.5,
          height: at.height * 0.5,
          depth: 1.2,
          opening: at.width * 0.3,
          spring: at.height * 0.25,
        },
        "round",
        style.trim,
        style.dark,
      ),
    );
  }
}
