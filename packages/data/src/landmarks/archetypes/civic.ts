import type { Mesh } from "../geometry/mesh.ts";
import { addArcade, addArch, addColonnade, addColumn, addMerlonRing, addMerlons, addPediment, addSteps } from "../geometry/orders.ts";
import { addDome, addGableRoof, addHipRoof, addMansard, addSpire } from "../geometry/roofs.ts";
import { addBox, addCylinder, addDisc, addEllipsoid, addLathe } from "../geometry/solids.ts";
import { createSurface, type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createCurtainWall, createWindows, type Style } from "./style.ts";

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
  const pavilion = { width: width * traits.range("pavilion", 0.12, 0.2), height: height * traits.range("pavilionHeight", 1, 1.35), depth: depth * 1.25 };
  if (traits.chance("pavilions", 0.7)) {
    for (const side of [1, -1]) {
      mesh.place({ x: side * (width / 2 - pavilion.width * 0.3) }, () => addPavilion(mesh, traits.within("end"), style, pavilion, walls));
    }
  }
  const middle = { width: width * traits.range("middle", 0.16, 0.3), height: height * traits.range("middleHeight", 1.1, 1.6), depth: depth * 1.4 };
  addPavilion(mesh, traits.within("middle"), style, middle, withWindows(style.wall2, windows));
  mesh.place({ z: middle.depth / 2 }, () => addEntrance(mesh, traits, style, { width: middle.width, height }));
}

function addWingRoof(mesh: Mesh, traits: Traits, style: Style, at: { width: number; depth: number }): void {
  const kind = traits.pick("wingRoof", ["hip", "mansard", "flat", "balustrade"] as const);
  const height = traits.range("roofHeight", 3, 6);
  if (kind === "hip") addHipRoof(mesh, { ...at, height }, 0.8, style.roof);
  else if (kind === "mansard") addMansard(mesh, { ...at, height }, height * 0.5, withWindows(style.roof, createWindows(traits.within("dormer"), style, { floor: [height, height + 0.1] })), style.roof);
  else if (kind === "balustrade") {
    for (const side of [1, -1]) mesh.place({ y: 0.8, z: side * (at.depth / 2) }, () => addMerlons(mesh, at.width, { width: 0.8, height: 1.3, depth: 0.5 }, style.trim));
  }
}

function addPavilion(mesh: Mesh, traits: Traits, style: Style, size: { width: number; height: number; depth: number }, walls: Surface): void {
  addBox(mesh, size, walls, style.trim);
  mesh.place({ y: size.height }, () => {
    addBox(mesh, { width: size.width + 0.8, height: 0.9, depth: size.depth + 0.8 }, style.trim);
    const kind = traits.pick("crown", ["hip", "mansard", "dome", "tower", "pediment", "spire"] as const);
    const tall = size.width * traits.range("crownHeight", 0.35, 0.8);
    mesh.place({ y: 0.9 }, () => {
      if (kind === "hip") addHipRoof(mesh, { ...size, height: tall }, 0.2, style.roof);
      else if (kind === "mansard") addMansard(mesh, { ...size, height: tall }, tall * 0.4, style.roof, style.crown);
      else if (kind === "dome") addDome(mesh, traits.pick("dome", ["half", "pointed", "bell"] as const), { radius: size.width * 0.45, height: tall * 1.1 }, style.crown);
      else if (kind === "spire") addSpire(mesh, { radius: size.width * 0.5, height: tall * 2.2 }, 4, style.crown, 0.2);
      else if (kind === "pediment") addGableRoof(mesh, { ...size, height: tall * 0.6 }, style.roof, style.trim);
      else {
        const side = size.width * 0.4;
        addBox(mesh, { width: side, height: tall * 1.5, depth: side }, walls, style.trim);
        const face = createSurface("clock", [0.85, 0.82, 0.72], { accent: [0.04, 0.04, 0.04], detail: 10.15 });
        mesh.place({ y: tall * 1.1, z: side / 2 + 0.1 }, () => addDisc(mesh, side * 0.34, face));
        mesh.place({ y: tall * 1.5 }, () => addDome(mesh, "bell", { radius: side * 0.6, height: tall }, style.crown));
      }
    });
  });
}

function addEntrance(mesh: Mesh, traits: Traits, style: Style, at: { width: number; height: number }): void {
  const kind = traits.pick("entrance", ["portico", "arches", "arch", "plain"] as const);
  if (kind === "portico") {
    mesh.place({ z: 1.5 }, () => {
      addSteps(mesh, { width: at.width, height: 1, depth: 3 }, 3, 0.6, style.trim);
      mesh.place({ y: 1, z: 0.8 }, () => addColonnade(mesh, { count: traits.integer("columns", 4, 6), length: at.width - 1, radius: 0.5, height: at.height * 0.75 }, style.trim));
      mesh.place({ y: 1 + at.height * 0.75 }, () => addPediment(mesh, { width: at.width, height: at.width * 0.22, depth: 3 }, style.trim, style.wall));
    });
  } else if (kind === "arches") {
    mesh.place({ z: 1 }, () => addArcade(mesh, 3, { width: at.width / 3, height: at.height * 0.42, depth: 2, opening: at.width / 5, spring: at.height * 0.2 }, "round", style.trim));
  } else if (kind === "arch") {
    mesh.place({ z: 0.6 }, () => addArch(mesh, { width: at.width * 0.5, height: at.height * 0.5, depth: 1.2, opening: at.width * 0.3, spring: at.height * 0.25 }, "round", style.trim, style.dark));
  }
}

/** Walls with round or square towers around a keep, and a gate. */
export function buildCastle(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 30, 52);
  const depth = width * traits.range("depth", 0.6, 1);
  const wall = traits.range("wall", 7, 12);
  const merlon = { width: traits.range("merlon", 0.8, 1.4), height: traits.range("merlonHeight", 1, 1.8), depth: 0.7 };
  const rocky = traits.chance("mound", 0.4) ? traits.range("moundHeight", 3, 10) : 0;
  if (rocky > 0) addLathe(mesh, [[width * 1.05, 0], [width * 0.85, rocky * 0.7], [width * 0.78, rocky]], createSurface("rock", [0.2, 0.19, 0.14], { scale: 3 }), { segments: 12, smooth: false });
  mesh.place({ y: rocky }, () => {
    for (const [x, z, turn, length] of [[0, depth / 2, 0, width], [0, -depth / 2, Math.PI, width], [width / 2, 0, Math.PI / 2, depth], [-width / 2, 0, -Math.PI / 2, depth]] as const) {
      mesh.place({ x, z, turn }, () => {
        addBox(mesh, { width: length, height: wall, depth: 1.8 }, style.wall);
        mesh.place({ y: wall, z: 0.5 }, () => addMerlons(mesh, length, merlon, style.wall));
      });
    }
    const corner = traits.range("tower", 3, 5);
    for (let i = 0; i < 4; i++) {
      mesh.place({ x: (i % 2 === 0 ? 1 : -1) * (width / 2), z: (i < 2 ? 1 : -1) * (depth / 2) }, () =>
        addCastleTower(mesh, traits.within(traits.chance("even", 0.6) ? "corner" : `corner${i}`), style, corner, wall, merlon),
      );
    }
    addKeep(mesh, traits.within("keep"), style, wall, merlon);
    mesh.place({ z: depth / 2 + 1 }, () => {
      addArch(mesh, { width: 9, height: wall * 1.25, depth: 5, opening: 4, spring: 4 }, traits.pick("gate", ["round", "pointed"] as const), style.wall2, style.dark);
      mesh.place({ y: wall * 1.25, z: 2 }, () => addMerlons(mesh, 9, merlon, style.wall2));
    });
  });
}

function addCastleTower(mesh: Mesh, traits: Traits, style: Style, radius: number, wall: number, merlon: { width: number; height: number; depth: number }): void {
  const height = wall * traits.range("height", 1.25, 2.1);
  const slits = { ...createWindows(traits.within("slit"), style, { bay: [3, 5], floor: [4, 7] }), width: 0.16, course: 0 };
  const skin = withWindows(style.wall, slits);
  const square = traits.chance("square", 0.35);
  if (square) addBox(mesh, { width: radius * 1.8, height, depth: radius * 1.8 }, skin, style.trim);
  else addCylinder(mesh, { radius, height }, skin, { segments: 14 });
  mesh.place({ y: height }, () => {
    if (traits.chance("roofed", 0.55)) {
      addSpire(mesh, { radius: radius * 1.2, height: radius * traits.range("roof", 1.2, 3) }, square ? 4 : 14, style.roof);
    } else {
      addCylinder(mesh, { radius: radius * 1.12, height: 0.8 }, style.trim, { segments: 14 });
      mesh.place({ y: 0.8 }, () => addMerlonRing(mesh, radius * 1.1, merlon, style.wall));
    }
  });
}

function addKeep(mesh: Mesh, traits: Traits, style: Style, wall: number, merlon: { width: number; height: number; depth: number }): void {
  const size = { width: traits.range("width", 10, 18), height: wall * traits.range("height", 1.6, 2.8), depth: traits.range("depth", 9, 14) };
  mesh.place({ x: traits.range("shift", -8, 8), z: -3 }, () => {
    addBox(mesh, size, withWindows(style.wall2, createWindows(traits, style, { bay: [3, 5] })), style.trim);
    mesh.place({ y: size.height }, () => {
      if (traits.chance("roofed", 0.6)) addHipRoof(mesh, { ...size, height: size.width * traits.range("roof", 0.4, 0.9) }, 0.5, style.roof);
      else for (const side of [1, -1]) mesh.place({ z: side * (size.depth / 2 - 0.4) }, () => addMerlons(mesh, size.width, merlon, style.wall2));
    });
    if (traits.chance("turret", 0.5)) {
      mesh.place({ x: size.width / 2, z: size.depth / 2 }, () => addCastleTower(mesh, traits.within("turret"), style, 2, size.height * 0.75, merlon));
    }
  });
}

/** A modern museum or opera house: shells, tilted boxes, a sphere or a wave. */
export function buildMuseum(mesh: Mesh, traits: Traits, style: Style): void {
  const kind = traits.pick("kind", ["shells", "boxes", "sphere", "saucer", "shells"] as const);
  const white = createSurface(traits.pick("skin", ["tiles", "plain", "seams", "coffers", "lattice"] as const), traits.pick("skinColor", [[0.8, 0.79, 0.75], [0.6, 0.62, 0.64], [0.55, 0.38, 0.2], [0.3, 0.32, 0.35]] as const), {
    scale: traits.range("skinScale", 1.5, 4),
    gloss: 0.12,
  });
  const base = { width: traits.range("base", 34, 56), height: traits.range("baseHeight", 2, 6), depth: 24 };
  addSteps(mesh, base, 5, 1, style.wall2);
  const glass = createCurtainWall(traits.within("glass"));
  mesh.place({ y: base.height }, () => {
    if (kind === "shells") addShells(mesh, traits, white, base.width);
    else if (kind === "boxes") {
      const count = traits.integer("boxes", 3, 6);
      for (let i = 0; i < count; i++) {
        const part = traits.within(`box${i}`);
        const size = { width: part.range("w", 8, 20), height: part.range("h", 5, 24), depth: part.range("d", 8, 18) };
        mesh.place({ x: base.width * (i / (count - 1) - 0.5) * 0.7, z: part.range("z", -5, 4), y: part.range("lift", 0, 4), turn: part.range("turn", -0.6, 0.6) }, () => addBox(mesh, size, i % 2 === 0 ? white : glass, white));
      }
    } else if (kind === "sphere") {
      const radius = traits.range("radius", 8, 13);
      mesh.place({ y: radius * 0.85 }, () => addEllipsoid(mesh, [radius, radius, radius], traits.chance("mirror", 0.3) ? createSurface("plain", [0.5, 0.5, 0.52], { gloss: 0.8 }) : white, { rings: 12, segments: 20 }));
      for (const side of [1, -1]) mesh.place({ x: side * radius * 1.6 }, () => addBox(mesh, { width: radius, height: radius * traits.range("wing", 0.4, 1.2), depth: 12 }, glass, white));
    } else {
      const radius = traits.range("disc", 14, 22);
      const stem = traits.range("stem", 3, 9);
      addCylinder(mesh, { radius: radius * 0.35, height: stem }, glass);
      addLathe(mesh, [[radius * 0.35, stem], [radius, stem + 3], [radius * 0.96, stem + traits.range("rim", 5, 9)], [radius * 0.4, stem + 10], [0, stem + 11]], white, { segments: 28 });
    }
  });
}

function addShells(mesh: Mesh, traits: Traits, skin: Surface, width: number): void {
  const count = traits.integer("shells", 3, 6);
  for (let i = 0; i < count; i++) {
    const part = traits.within(`shell${i}`);
    const size = part.range("size", 8, 17);
    const lean = part.range("lean", 0.3, 0.8) * (traits.chance("opposed", 0.4) && i >= count / 2 ? -1 : 1);
    mesh.place({ x: width * 0.7 * ((i + 0.5) / count - 0.5), z: part.range("z", -4, 3), turn: part.range("turn", -0.5, 0.5) }, () => {
      const rows = 6;
      const at = (u: number, v: number): [number, number, number] => {
        const angle = Math.PI * u;
        const shrink = Math.cos((v * Math.PI) / 2) ** 0.7;
        return [Math.cos(angle) * size * 0.5 * shrink + lean * size * v, Math.sin(angle) * size * 0.25 + size * 1.25 * v * Math.sin(angle), size * 0.55 * (0.5 - v) * 1.4];
      };
      for (let u = 0; u < 8; u++) {
        for (let v = 0; v < rows; v++) mesh.quad(at(u / 8, v / rows), at((u + 1) / 8, v / rows), at((u + 1) / 8, (v + 1) / rows), at(u / 8, (v + 1) / rows), skin);
      }
    });
  }
}

/** A gate of one or three arches with columns, attic and sculptures. */
export function buildTriumphalArch(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 16, 30);
  const height = width * traits.range("height", 0.6, 1.05);
  const depth = width * traits.range("depth", 0.22, 0.45);
  const bays = traits.pick("bays", [1, 1, 3]);
  const curve = traits.pick("curve", ["round", "round", "pointed", "flat"] as const);
  const attic = height * traits.range("attic", 0.12, 0.32);
  const main = bays === 1 ? width : width * 0.44;
  addArch(mesh, { width: main, height, depth, opening: main * traits.range("opening", 0.42, 0.62), spring: height * traits.range("spring", 0.4, 0.58) }, curve, style.wall, style.wall2);
  if (bays === 3) {
    const small = (width - main) / 2;
    for (const side of [1, -1]) {
      mesh.place({ x: side * (main / 2 + small / 2) }, () => addArch(mesh, { width: small, height: height * 0.86, depth, opening: small * 0.5, spring: height * 0.36 }, curve, style.wall, style.wall2));
    }
  }
  for (const z of [1, -1]) {
    for (const x of [-0.46, -0.34, 0.34, 0.46]) {
      if (traits.chance("columns", 0.75)) mesh.place({ x: x * width, z: z * (depth / 2 + 0.5) }, () => addColumn(mesh, { radius: width * 0.022, height: height * 0.84 }, style.trim));
    }
  }
  mesh.place({ y: bays === 3 ? height * 0.86 : height }, () => {
    addBox(mesh, { width: width * 1.04, height: attic * 0.3, depth: depth * 1.2 }, style.trim);
    mesh.place({ y: attic * 0.3 }, () => addBox(mesh, { width: width * 0.92, height: attic * (bays === 3 ? 1.4 : 1), depth: depth * 0.9 }, style.wall2, style.trim));
    mesh.place({ y: attic * (bays === 3 ? 1.7 : 1.3) }, () => addAtticCrown(mesh, traits, style, width, attic));
  });
}

function addAtticCrown(mesh: Mesh, traits: Traits, style: Style, width: number, attic: number): void {
  const kind = traits.pick("crown", ["none", "horses", "merlons", "towers", "pediment"] as const);
  if (kind === "merlons") addMerlons(mesh, width * 0.9, { width: 1, height: 1.6, depth: 0.8 }, style.trim);
  else if (kind === "pediment") addPediment(mesh, { width: width * 0.6, height: width * 0.13, depth: 2 }, style.trim, style.wall);
  else if (kind === "towers") {
    for (const x of [-0.36, 0.36]) mesh.place({ x: x * width }, () => addCylinder(mesh, { radius: width * 0.07, height: attic * 2.4 }, style.wall, { segments: 10 }));
  } else if (kind === "horses") {
    for (const x of [-0.12, -0.04, 0.04, 0.12]) mesh.place({ x: x * width, y: width * 0.07 }, () => addEllipsoid(mesh, [width * 0.025, width * 0.05, width * 0.08], style.crown));
    mesh.place({ y: width * 0.13, z: -width * 0.05 }, () => addEllipsoid(mesh, [width * 0.03, width * 0.08, width * 0.03], style.crown));
  }
}
