import type { Mesh, Point } from "../geometry/mesh.ts";
import { addColumn, addSteps } from "../geometry/orders.ts";
import { addDome, addSpire } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addEllipsoid, addFrustum, addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A figure on a plinth: standing, on horseback or sitting. */
export function buildStatue(mesh: Mesh, traits: Traits, style: Style): void {
  const plinth = { width: traits.range("plinthWidth", 2.4, 5), height: traits.range("plinthHeight", 2, 7), depth: traits.range("plinthDepth", 2.4, 5) };
  const bronze = createSurface(traits.pick("cast", ["plaster", "marble", "rubble"] as const), traits.pick("castColor", [[0.1, 0.2, 0.16], [0.12, 0.09, 0.06], [0.7, 0.68, 0.63], [0.45, 0.33, 0.1], [0.3, 0.29, 0.27]] as const), { gloss: 0.05 });
  addSteps(mesh, { width: plinth.width * 1.5, height: traits.range("stepHeight", 0.6, 2), depth: plinth.depth * 1.5 }, traits.integer("steps", 2, 4), 0.6, style.trim);
  const round = traits.chance("roundPlinth", 0.3);
  if (round) addCylinder(mesh, { radius: plinth.width * 0.6, height: plinth.height, topRadius: plinth.width * 0.5 }, style.wall);
  else addBox(mesh, plinth, style.wall, style.trim);
  mesh.place({ y: plinth.height }, () => {
    addBox(mesh, { width: plinth.width * 1.2, height: 0.4, depth: plinth.depth * 1.2 }, style.trim);
    mesh.place({ y: 0.4, size: traits.range("figureSize", 1.6, 3.2), turn: traits.range("figureTurn", -0.5, 0.5) }, () => {
      if (traits.chance("rider", 0.35)) addRider(mesh, traits, bronze);
      else addFigure(mesh, traits, bronze);
    });
  });
  if (traits.chance("companions", 0.4)) {
    for (const side of [1, -1]) {
      mesh.place({ x: side * (plinth.width * 1.2 + 1) }, () => {
        addBox(mesh, { width: 1.6, height: plinth.height * 0.5, depth: 1.6 }, style.wall);
        mesh.place({ y: plinth.height * 0.5, size: 1.3 }, () => addFigure(mesh, traits.within("small"), bronze));
      });
    }
  }
}

/** A standing figure about 1.9 m tall. */
export function addFigure(mesh: Mesh, traits: Traits, surface: Surface): void {
  const robe = traits.chance("robe", 0.5);
  if (robe) addLathe(mesh, [[0.42, 0], [0.3, 0.8], [0.26, 1.1]], surface, { segments: 9 });
  else for (const side of [1, -1]) addBar(mesh, [side * 0.14, 0, side * traits.range("stride", 0, 0.2)], [side * 0.1, 0.95, 0], 0.19, surface);
  mesh.place({ y: 1.2 }, () => addEllipsoid(mesh, [0.27, 0.4, 0.19], surface));
  mesh.place({ y: 1.72 }, () => addEllipsoid(mesh, [0.13, 0.16, 0.14], surface));
  for (const side of [1, -1]) {
    const raise = traits.range(`arm${side}`, -1, 1.2);
    const shoulder: Point = [side * 0.26, 1.45, 0];
    const hand: Point = [side * (0.3 + 0.45 * Math.cos(raise)), 1.45 + 0.6 * Math.sin(raise), 0.2];
    addBar(mesh, shoulder, hand, 0.12, surface);
    if (traits.chance(`holds${side}`, 0.35)) addBar(mesh, [hand[0], 0.1, hand[2]], [hand[0], hand[1] + traits.range("staff", 0.3, 1), hand[2]], 0.05, surface);
  }
  if (traits.chance("wings", 0.2)) {
    for (const side of [1, -1]) mesh.quad([0, 1, -0.15], [side * 0.9, 1.5, -0.4], [side * 0.8, 2.2, -0.4], [0, 1.5, -0.15], surface);
  }
}

function addRider(mesh: Mesh, traits: Traits, surface: Surface): void {
  const rear = traits.range("rearing", 0, 0.5);
  mesh.place({ y: 1.15 }, () => addEllipsoid(mesh, [0.32, 0.36, 0.85], surface));
  addBar(mesh, [0, 1.3, 0.6], [0, 2 + rear * 0.4, 1.05], 0.32, surface);
  mesh.place({ y: 2.05 + rear * 0.4, z: 1.2 }, () => addEllipsoid(mesh, [0.14, 0.16, 0.32], surface));
  for (const [x, z] of [[0.18, 0.6], [-0.18, 0.6], [0.18, -0.6], [-0.18, -0.6]] as const) {
    addBar(mesh, [x, 1, z], [x, z > 0 && x > 0 ? rear : 0, z + (z > 0 ? rear * 0.7 : 0)], 0.16, surface);
  }
  mesh.place({ y: 1.25, z: -0.1 }, () => addFigure(mesh, traits.within("rider"), surface));
}

/** An obelisk, a victory column with a figure, or a needle. */
export function buildColumn(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 18, 42);
  const kind = traits.pick("kind", ["obelisk", "victory", "victory", "needle", "pillar"] as const);
  const base = height * traits.range("base", 0.12, 0.26);
  addSteps(mesh, { width: base * 1.4, height: 1.6, depth: base * 1.4 }, traits.integer("steps", 3, 6), 0.9, style.trim);
  addBox(mesh, { width: base, height: base * traits.range("plinth", 0.7, 1.5), depth: base }, style.wall, style.trim);
  const foot = base * traits.range("plinth", 0.7, 1.5);
  mesh.place({ y: foot }, () => {
    if (kind === "obelisk") {
      const half = base * traits.range("girth", 0.25, 0.36);
      addFrustum(mesh, regularOutline(4, half * 1.41), regularOutline(4, half), height, { walls: style.wall2, top: null });
      mesh.place({ y: height }, () => addSpire(mesh, { radius: half, height: half * 1.4 }, 4, style.crown));
    } else if (kind === "needle") {
      addLathe(mesh, [[base * 0.4, 0], [base * 0.1, height * 0.5], [0, height * 1.3]], style.metal, { segments: traits.pick("edges", [3, 4, 12]), smooth: false });
    } else {
      const radius = base * traits.range("girth", 0.2, 0.34);
      addColumn(mesh, { radius, height }, kind === "victory" ? style.wall2 : style.wall, 14);
      for (let i = 1; i < traits.integer("rings", 1, 5); i++) mesh.place({ y: (height * i) / 5.5 }, () => addCylinder(mesh, { radius: radius * 1.15, height: radius * 0.3 }, style.trim, { segments: 14 }));
      mesh.place({ y: height }, () => {
        addCylinder(mesh, { radius: radius * 1.5, height: radius * 0.5 }, style.trim);
        mesh.place({ y: radius * 0.5 }, () => addColumnTop(mesh, traits, style, radius));
      });
    }
  });
  if (traits.chance("ring", 0.35)) {
    for (const [x, z] of regularOutline(traits.integer("posts", 6, 10), base * 1.6)) mesh.place({ x, z }, () => addCylinder(mesh, { radius: 0.4, height: 3 }, style.wall, { segments: 8 }));
  }
}

function addColumnTop(mesh: Mesh, traits: Traits, style: Style, radius: number): void {
  const top = traits.pick("top", ["figure", "figure", "ball", "flame", "dome"] as const);
  if (top === "figure") mesh.place({ size: radius * 1.5 }, () => addFigure(mesh, traits.within("top"), style.crown));
  else if (top === "ball") mesh.place({ y: radius }, () => addEllipsoid(mesh, [radius, radius, radius], style.crown));
  else if (top === "flame") addDome(mesh, "onion", { radius, height: radius * 2.6 }, style.crown, 10);
  else addDome(mesh, "half", { radius: radius * 1.3, height: radius * 1.3 }, style.crown, 12);
}

/** A tower of receding storeys with wide curved eaves. */
export function buildPagoda(mesh: Mesh, traits: Traits, style: Style): void {
  const storeys = traits.integer("storeys", 3, 8);
  const sides = traits.pick("sides", [4, 4, 6, 8]);
  const eaves = traits.range("eaves", 1.25, 1.75);
  const lift = traits.range("lift", 0.2, 0.9);
  const taper = traits.range("taper", 0.8, 0.93);
  let radius = traits.range("radius", 5, 8.5);
  let y = traits.range("base", 1, 3);
  const windows = createWindows(traits.within("wall"), style, { bay: [1.8, 3.2], floor: [3, 4] });
  const wood = createSurface("planks", traits.pick("wood", [[0.4, 0.07, 0.04], [0.18, 0.1, 0.05], [0.5, 0.42, 0.3], [0.08, 0.16, 0.12]] as const), { windows });
  const body = traits.chance("wooden", 0.7) ? wood : withWindows(style.wall, windows);
  addPrism(mesh, regularOutline(sides, radius * 1.5), y, { walls: style.wall2, top: style.trim });
  for (let storey = 0; storey < storeys; storey++) {
    const height = radius * traits.range("storey", 0.45, 0.75);
    mesh.place({ y }, () => {
      addPrism(mesh, regularOutline(sides, radius), height, { walls: body, top: style.dark });
      mesh.place({ y: height }, () => addEaves(mesh, sides, radius, eaves, lift, style));
    });
    y += height + radius * 0.34;
    radius *= taper;
  }
  mesh.place({ y }, () => {
    addSpire(mesh, { radius: radius * 1.1, height: radius * 0.9 }, sides, style.roof);
    mesh.place({ y: radius * 0.6 }, () => addLathe(mesh, [[0.5, 0], [0.2, 1], [0.55, 1.6], [0.15, 2.2], [0.4, 2.8], [0, traits.range("finial", 4, 8)]], style.crown, { segments: 8 }));
  });
}

function addEaves(mesh: Mesh, sides: number, radius: number, eaves: number, lift: number, style: Style): void {
  const outer = regularOutline(sides, radius * eaves);
  const inner = regularOutline(sides, radius * 0.86);
  const rise = radius * 0.4;
  for (let i = 0; i < sides; i++) {
    const j = (i + 1) % sides;
    const mid: [number, number] = [((outer[i]![0] + outer[j]![0]) / 2) * 0.96, ((outer[i]![1] + outer[j]![1]) / 2) * 0.96];
    const up: [number, number] = [(inner[i]![0] + inner[j]![0]) / 2, (inner[i]![1] + inner[j]![1]) / 2];
    const half = (a: readonly [number, number], b: readonly [number, number], ya: number, yb: number): void =>
      mesh.quad([a[0], ya, a[1]], [b[0], yb, b[1]], b === mid ? [up[0], rise, up[1]] : [inner[j]![0], rise, inner[j]![1]], a === mid ? [up[0], rise, up[1]] : [inner[i]![0], rise, inner[i]![1]], style.roof);
    half(outer[i]!, mid, lift, 0);
    half(mid, outer[j]!, 0, lift);
  }
}

/** A natural sight: pinnacles, a sea arch or a table mountain. */
export function buildRock(mesh: Mesh, traits: Traits): void {
  const stone = createSurface("rock", traits.pick("stone", [[0.42, 0.2, 0.1], [0.3, 0.28, 0.25], [0.5, 0.44, 0.34], [0.14, 0.13, 0.13], [0.36, 0.3, 0.2]] as const), {
    scale: traits.range("scale", 2, 5),
    variation: 1,
  });
  const banded = createSurface("stripes", stone.color, { accent: [stone.color[0] * 0.6, stone.color[1] * 0.6, stone.color[2] * 0.6], scale: traits.range("strata", 1.5, 5), variation: 0.4 });
  const skin = traits.chance("banded", 0.4) ? banded : stone;
  const lumps = (part: Traits) => (segment: number, ring: number): number => 0.78 + 0.44 * part.unit(`${segment},${ring}`);
  if (traits.chance("arch", 0.3)) {
    const radius = traits.range("span", 9, 16);
    const steps = 13;
    for (let i = 0; i <= steps; i++) {
      const angle = (Math.PI * i) / steps;
      const part = traits.within(`arch${i}`);
      const r = radius * part.range("r", 0.25, 0.4) * (1.3 - 0.5 * Math.sin(angle));
      mesh.place({ x: Math.cos(angle) * radius, y: Math.sin(angle) * radius * 1.1 }, () => addEllipsoid(mesh, [r, r, r * 1.2], skin, { rings: 5, segments: 8, lumps: lumps(part) }));
    }
    return;
  }
  const count = traits.integer("count", 2, 6);
  for (let i = 0; i < count; i++) {
    const part = traits.within(`peak${i}`);
    const width = part.range("width", 5, 14);
    const height = width * part.range("height", 0.6, 2.6);
    mesh.place({ x: (i - (count - 1) / 2) * part.range("step", 6, 11), z: part.range("z", -8, 4), y: height * 0.3 }, () => addEllipsoid(mesh, [width / 2, height * 0.7, width / 2], skin, { rings: 8, segments: 10, lumps: lumps(part) }));
  }
}
