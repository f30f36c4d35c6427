import type { Mesh } from "../geometry/mesh.ts";
import { addArch, addArcade, addColonnade, addPediment, addSteps } from "../geometry/orders.ts";
import { addDome, addGableRoof, addHipRoof, addSpire, type DomeShape } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addDisc, addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A nave with a gabled front and one or two towers. */
export function buildChurch(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("naveWidth", 9, 16);
  const height = traits.range("naveHeight", 9, 20);
  const depth = traits.range("naveDepth", 20, 38);
  const windows = createWindows(traits.within("nave"), style, { bay: [3.5, 6], floor: [8, 14], heads: ["round", "pointed", "pointed"] });
  const walls = withWindows(style.wall, windows);
  const pitch = traits.range("pitch", 0.45, 1.1);
  mesh.place({ z: -depth / 2 }, () => {
    addBox(mesh, { width, height, depth }, walls, style.roof);
    mesh.place({ y: height }, () => addGableRoof(mesh, { width, height: width * pitch * 0.6, depth }, style.roof, style.wall));
    if (traits.chance("aisles", 0.55)) addAisles(mesh, { width, height, depth }, walls, style);
    if (traits.chance("transept", 0.5)) {
      mesh.place({ z: -depth * 0.18, turn: Math.PI / 2 }, () => {
        const wing = { width: width * 0.8, height: height * 0.92, depth: width * 2.1 };
        addBox(mesh, wing, walls, style.roof);
        mesh.place({ y: wing.height }, () => addGableRoof(mesh, { ...wing, height: wing.width * pitch * 0.6 }, style.roof, style.wall));
      });
    }
    if (traits.chance("apse", 0.6)) {
      mesh.place({ z: -depth / 2 }, () => {
        addCylinder(mesh, { radius: width * 0.4, height: height * 0.75 }, walls);
        mesh.place({ y: height * 0.75 }, () => addSpire(mesh, { radius: width * 0.43, height: width * 0.3 }, 12, style.roof));
      });
    }
  });
  addChurchFront(mesh, traits, style, { width, height, pitch });
}

function addAisles(mesh: Mesh, nave: { width: number; height: number; depth: number }, walls: Surface, style: Style): void {
  const width = nave.width * 0.42;
  for (const side of [1, -1]) {
    mesh.place({ x: side * (nave.width / 2 + width / 2), z: -1 }, () => {
      const height = nave.height * 0.5;
      addBox(mesh, { width, height, depth: nave.depth - 2 }, walls, style.roof);
      mesh.place({ y: height }, () => addHipRoof(mesh, { width, height: width * 0.4, depth: nave.depth - 2 }, 0.9, style.roof));
    });
  }
}

function addChurchFront(mesh: Mesh, traits: Traits, style: Style, nave: { width: number; height: number; pitch: number }): void {
  const glass = createSurface("rose", style.trim.color, { accent: [0.05, 0.06, 0.12], detail: traits.integer("petals", 5, 14) });
  const portal = traits.pick("portal", ["round", "pointed", "flat"] as const);
  mesh.place({ z: 0.6 }, () =>
    addArch(mesh, { width: nave.width * 0.46, height: nave.height * 0.5, depth: 1.2, opening: nave.width * 0.24, spring: nave.height * 0.27 }, portal, style.trim, style.dark),
  );
  if (traits.chance("rose", 0.65)) {
    mesh.place({ y: nave.height * 0.76, z: 0.15 }, () => addDisc(mesh, nave.width * traits.range("roseSize", 0.13, 0.22), glass));
  }
  const towers = traits.pick("towers", [1, 1, 2, 2, -1, 0]);
  const side = nave.width * traits.range("towerWidth", 0.36, 0.52);
  if (towers === 2) {
    for (const x of [1, -1]) mesh.place({ x: x * (nave.width / 2 + side * 0.3) }, () => addChurchTower(mesh, traits, style, side, nave.height));
  } else if (towers === 1) {
    mesh.place({ z: -side * 0.2 }, () => addChurchTower(mesh, traits, style, side, nave.height));
  } else if (towers === -1) {
    mesh.place({ x: nave.width * 0.75 }, () => addChurchTower(mesh, traits, style, side, nave.height));
  } else if (traits.chance("crossing", 0.7)) {
    mesh.place({ z: -14, y: nave.height }, () => addChurchTower(mesh, traits, style, side * 0.8, nave.height * 0.5));
  }
}

function addChurchTower(mesh: Mesh, traits: Traits, style: Style, side: number, eaves: number): void {
  const windows = createWindows(traits.within("tower"), style, { bay: [2.4, 4], floor: [5, 9], heads: ["round", "pointed"] });
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
    if (cap === "spire") addSpire(mesh, { radius: side * 0.6, height: tall * 1.3 }, traits.pick("spireSides", [4, 6, 8, 8]), style.crown, traits.range("flare", 0, 0.3));
    else if (cap === "pyramid") addHipRoof(mesh, { width: side, height: tall * 0.6, depth: side }, 0, style.roof);
    else if (cap === "flat") {
      for (const [x, z] of regularOutline(4, side * 0.68)) mesh.place({ x, z }, () => addSpire(mesh, { radius: side * 0.12, height: side * 0.7 }, 4, style.trim));
    } else addDome(mesh, cap, { radius: side * 0.5, height: tall * 0.7 }, style.crown, 12);
    if (cap !== "flat") addCross(mesh, cap === "spire" ? tall * 1.3 : cap === "pyramid" ? tall * 0.6 : tall * 0.7, side * 0.3, style);
  });
}

function addCross(mesh: Mesh, y: number, size: number, style: Style): void {
  addBar(mesh, [0, y - 0.2, 0], [0, y + size, 0], size * 0.14, style.metal);
  addBar(mesh, [-size * 0.3, y + size * 0.65, 0], [size * 0.3, y + size * 0.65, 0], size * 0.14, style.metal);
}

/** A domed church or parliament: a block with a portico under a drum and dome. */
export function buildBasilica(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 26, 48);
  const depth = width * traits.range("depth", 0.5, 0.9);
  const height = traits.range("height", 11, 19);
  const windows = createWindows(traits.within("body"), style, { bay: [3.2, 5.5], floor: [4.5, 8] });
  addBox(mesh, { width, height, depth }, withWindows(style.wall, windows), style.roof);
  mesh.place({ y: height }, () => addBox(mesh, { width: width + 1, height: 1.2, depth: depth + 1 }, style.trim));
  addPortico(mesh, traits, style, { width: width * traits.range("porticoWidth", 0.3, 0.6), height, z: depth / 2 });
  const radius = Math.min(width, depth) * traits.range("domeRadius", 0.2, 0.42);
  mesh.place({ y: height + 1, z: -depth * 0.05 }, () => addDrumAndDome(mesh, traits.within("main"), style, radius));
  const small = traits.pick("smallDomes", [0, 0, 2, 4]);
  for (let i = 0; i < small; i++) {
    mesh.place({ x: (i % 2 === 0 ? 1 : -1) * width * 0.38, z: (i < 2 ? 1 : -1) * depth * 0.32, y: height + 1 }, () =>
      addDrumAndDome(mesh, traits.within("small"), style, radius * 0.38),
    );
  }
}

function addPortico(mesh: Mesh, traits: Traits, style: Style, at: { width: number; height: number; z: number }): void {
  const reach = 5;
  mesh.place({ z: at.z + reach / 2 }, () => {
    addSteps(mesh, { width: at.width, height: 1.6, depth: reach }, 4, 0.7, style.trim);
    mesh.place({ y: 1.6, z: reach / 2 - 0.8 }, () =>
      addColonnade(mesh, { count: traits.integer("columns", 4, 8), length: at.width - 1.6, radius: 0.62, height: at.height * 0.86 - 1.6 }, style.trim),
    );
    mesh.place({ y: at.height * 0.86 }, () => {
      addBox(mesh, { width: at.width, height: at.height * 0.12, depth: reach }, style.trim);
      mesh.place({ y: at.height * 0.12 }, () => addPediment(mesh, { width: at.width, height: at.width * traits.range("pediment", 0.13, 0.26), depth: reach }, style.trim, style.wall2));
    });
  });
}

function addDrumAndDome(mesh: Mesh, traits: Traits, style: Style, radius: number): void {
  const drum = radius * traits.range("drum", 0.35, 1);
  const windows = createWindows(traits.within("drum"), style, { bay: [2.2, 3.6], floor: [4, 7], heads: ["round", "flat"] });
  addCylinder(mesh, { radius: radius * 0.98, height: drum }, withWindows(style.wall, { ...windows, floor: Math.max(2, drum) }), { segments: 20 });
  mesh.place({ y: drum }, () => {
    addCylinder(mesh, { radius: radius * 1.07, height: radius * 0.08 }, style.trim, { segments: 20 });
    const shape = traits.pick<DomeShape>("shape", ["half", "pointed", "low", "onion", "half"]);
    const height = radius * (shape === "low" ? 0.55 : shape === "half" ? 1 : traits.range("tall", 1.15, 1.7));
    addDome(mesh, shape, { radius, height }, style.crown, 20);
    if (traits.chance("lantern", 0.7)) {
      mesh.place({ y: height * 0.97 }, () => {
        addCylinder(mesh, { radius: radius * 0.16, height: radius * 0.35 }, style.trim, { segments: 8 });
        mesh.place({ y: radius * 0.35 }, () => addSpire(mesh, { radius: radius * 0.2, height: radius * 0.4 }, 8, style.crown));
      });
    }
  });
}

/** A domed prayer hall with slender towers and a tall portal. */
export function buildMosque(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 24, 42);
  const depth = width * traits.range("depth", 0.7, 1);
  const height = traits.range("height", 8, 14);
  const windows = createWindows(traits.within("body"), style, { bay: [3, 5], floor: [4, 7], heads: ["round", "pointed"] });
  addBox(mesh, { width, height, depth }, withWindows(style.wall, windows), style.trim);
  const portal = { width: width * traits.range("portal", 0.24, 0.42), height: height * traits.range("portalHeight", 1.15, 1.7) };
  mesh.place({ z: depth / 2 + 1 }, () =>
    addArch(mesh, { ...portal, depth: 3, opening: portal.width * 0.6, spring: portal.height * 0.5 }, "pointed", style.wall2, style.crown),
  );
  mesh.place({ z: depth / 2 + 0.4 }, () => addArcade(mesh, traits.integer("arcade", 5, 11), { width: width / 11, height: height * 0.55, depth: 1, opening: width / 15, spring: height * 0.3 }, "pointed", style.trim));
  const radius = Math.min(width, depth) * traits.range("dome", 0.22, 0.4);
  mesh.place({ y: height }, () => addDrumAndDome(mesh, traits.within("main"), style, radius));
  const minarets = traits.pick("minarets", [1, 2, 2, 4]);
  for (let i = 0; i < minarets; i++) {
    const x = (i % 2 === 0 ? 1 : -1) * (width / 2 + traits.range("gap", 0, 4));
    mesh.place({ x, z: (i < 2 ? 1 : -1) * depth * 0.45 }, () => addMinaret(mesh, traits.within("minaret"), style, height));
  }
  const half = traits.pick("halfDomes", [0, 2, 4]);
  for (let i = 0; i < half; i++) {
    mesh.place({ x: (i % 2 === 0 ? 1 : -1) * width * 0.34, z: (i < 2 ? 1 : -1) * depth * 0.3, y: height }, () =>
      addDome(mesh, "half", { radius: radius * 0.4, height: radius * 0.4 }, style.crown, 12),
    );
  }
}

function addMinaret(mesh: Mesh, traits: Traits, style: Style, eaves: number): void {
  const height = eaves * traits.range("height", 2, 3.6);
  const radius = traits.range("radius", 1, 1.9);
  const balconies = traits.integer("balconies", 1, 3);
  addPrism(mesh, regularOutline(4, radius * 1.7), height * 0.2, { walls: style.wall, top: style.trim });
  addCylinder(mesh, { radius, height, topRadius: radius * 0.8 }, style.wall, { segments: 10 });
  for (let i = 1; i <= balconies; i++) {
    mesh.place({ y: height * (0.35 + (0.5 * i) / balconies) }, () =>
      addLathe(mesh, [[radius * 0.9, -radius * 0.8], [radius * 1.6, 0], [radius * 1.6, radius * 0.5], [radius * 0.8, radius * 0.5]], style.trim, { segments: 10 }),
    );
  }
  mesh.place({ y: height }, () => {
    if (traits.chance("bulb", 0.4)) addDome(mesh, "onion", { radius: radius * 1.1, height: radius * 2.6 }, style.crown, 10);
    else addSpire(mesh, { radius: radius * 1.1, height: radius * traits.range("tip", 3, 6) }, 10, style.crown);
  });
}
