import type { Mesh } from "../geometry/mesh.ts";
import { addArch } from "../geometry/orders.ts";
import { addDome, addGableRoof, addHipRoof, addSpire } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addDisc, regularOutline } from "../geometry/solids.ts";
import { createSurface, type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A nave with a gabled front and one or two towers. */
export function buildChurch(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("naveWidth", 9, 16);
  const height = traits.range("naveHeight", 9, 20);
  const depth = traits.range("naveDepth", 20, 38);
  const windows = createWindows(traits.within("nave"), style, {
    bay: [3.5, 6],
    floor: [8, 14],
    heads: ["round", "pointed", "pointed"],
  });
  const walls = withWindows(style.wall, windows);
  const pitch = traits.range("pitch", 0.45, 1.1);
  mesh.place({ z: -depth / 2 }, () => {
    addBox(mesh, { width, height, depth }, walls, style.roof);
    mesh.place({ y: height }, () =>
      addGableRoof(mesh, { width, height: width * pitch * 0.6, depth }, style.roof, style.wall),
    );
    if (traits.chance("aisles", 0.55)) addAisles(mesh, { width, height, depth }, walls, style);
    if (traits.chance("transept", 0.5)) {
      mesh.place({ z: -depth * 0.18, turn: Math.PI / 2 }, () => {
        const wing = { width: width * 0.8, height: height * 0.92, depth: width * 2.1 };
        addBox(mesh, wing, walls, style.roof);
        mesh.place({ y: wing.height }, () =>
          addGableRoof(mesh, { ...wing, height: wing.width * pitch * 0.6 }, style.roof, style.wall),
        );
      });
    }
    if (traits.chance("apse", 0.6)) {
      mesh.place({ z: -depth / 2 }, () => {
        addCylinder(mesh, { radius: width * 0.4, height: height * 0.75 }, walls);
        mesh.place({ y: height * 0.75 }, () =>
          addSpire(mesh, { radius: width * 0.43, height: width * 0.3 }, 12, style.roof),
        );
      });
    }
  });
  addChurchFront(mesh, traits, style, { width, height, pitch });
}

function addAisles(
  mesh: Mesh,
  nave: { width: number; height: number; depth: number },
  walls: Surface,
  style: Style,
): void {
  const width = nave.width * 0.42;
  for (const side of [1, -1]) {
    mesh.place({ x: side * (nave.width / 2 + width / 2), z: -1 }, () => {
      const height = nave.height * 0.5;
      addBox(mesh, { width, height, depth: nave.depth - 2 }, walls, style.roof);
      mesh.place({ y: height }, () =>
        addHipRoof(mesh, { width, height: width * 0.4, depth: nave.depth - 2 }, 0.9, style.roof),
      );
    });
  }
}

function addChurchFront(
  mesh: Mesh,
  traits: Traits,
  style: Style,
  nave: { width: number; height: number; pitch: number },
): void {
  const glass = createSurface("rose", style.trim.color, {
    accent: [0.05, 0.06, 0.12],
    detail: traits.integer("petals", 5, 14),
  });
  const portal = traits.pick("portal", ["round", "pointed", "flat"] as const);
  mesh.place({ z: 0.6 }, () =>
    addArch(
      mesh,
      {
        width: nave.width * 0.46,
        height: nave.height * 0.5,
        depth: 1.2,
        opening: nave.width * 0.24,
        spring: nave.height * 0.27,
      },
      portal,
      style.trim,
      style.dark,
    ),
  );
  if (traits.chance("rose", 0.65)) {
    mesh.place({ y: nave.height * 0.76, z: 0.15 }, () =>
      addDisc(mesh, nave.width * traits.range("roseSize", 0.13, 0.22), glass),
    );
  }
  const towers = traits.pick("towers", [1, 1, 2, 2, -1, 0]);
  const side = nave.width * traits.range("towerWidth", 0.36, 0.52);
  if (towers === 2) {
    for (const x of [1, -1])
      mesh.place({ x: x * (nave.width / 2 + side * 0.3) }, () =>
        addChurchTower(mesh, traits, style, side, nave.height),
      );
  } else if (towers === 1) {
    mesh.place({ z: -side * 0.2 }, () => addChurchTower(mesh, traits, style, side, nave.height));
  } else if (towers === -1) {
    mesh.place({ x: nave.width * 0.75 }, () => addChurchTower(mesh, traits, style, side, nave.height));
  } else if (traits.chance("crossing", 0.7)) {
    mesh.place({ z: -14, y: nave.height }, () =>
      addChurchTower(mesh, traits, style, side * 0.8, nave.height * 0.5),
    );
  }
}

function addChurchTower(mesh: Mesh, traits: Traits, style: Style, side: number, eaves: number): void {
  const windows = createWindows(traits.within("tower"), style, {
    bay: [2.4, 4],
    floor: [5, 9],
    heads: ["round", "pointed"],
  });
  const height = eaves * traits.range("towerHeight", 1.1, 2);
  const wall = withWindows(traits.chance("towerWall2", 0.4) ? style.wall2 : style.wall, windows);
  addBox(mesh, { width: side, height, depth: side }, wall, style.trim);
  mesh.place({ y: height }, () => {
    addBox(mesh, { width: side * 1.1, height: 0.7, depth: side * 1.1 }, style.trim);
    if (traits.chance("towerClock", 0.4)) {
      const face = createSurface("clock", [0.8, 0.78, 0.7], { accent: [0.05, 0.05, 0.05], detail: 10.2 });
      mesh.place({ y: -side * 0.55, z: side / 2 + 0.1 }, () => addDisc(mesh, side * 0.3, face));
    }
    const cap = traits.pick("cap", ["spire", "spire", "pyramid", "onion", "bell", "flat"] as const);
    const tall = side * traits.range("capHeight", 0.9, 3);
    if (cap === "spire")
      addSpire(
        mesh,
        { radius: side * 0.6, height: tall * 1.3 },
        traits.pick("spireSides", [4, 6, 8, 8]),
        style.crown,
        traits.range("flare", 0, 0.3),
      );
    else if (cap === "pyramid")
      addHipRoof(mesh, { width: side, height: tall * 0.6, depth: side }, 0, style.roof);
    else if (cap === "flat") {
      for (const [x, z] of regularOutline(4, side * 0.68))
        mesh.place({ x, z }, () =>
          addSpire(mesh, { radius: side * 0.12, height: side * 0.7 }, 4, style.trim),
        );
    } else addDome(mesh, cap, { radius: side * 0.5, height: tall * 0.7 }, style.crown, 12);
    if (cap !== "flat")
      addCross(
        mesh,
        cap === "spire" ? tall * 1.3 : cap === "pyramid" ? tall * 0.6 : tall * 0.7,
        side * 0.3,
        style,
      );
  });
}

function addCross(mesh: Mesh, y: number, size: number, style: Style): void {
  addBar(mesh, [0, y - 0.2, 0], [0, y + size, 0], size * 0.14, style.metal);
  addBar(mesh, [-size * 0.3, y + size * 0.65, 0], [size * 0.3, y + size * 0.65, 0], size * 0.14, style.metal);
}
