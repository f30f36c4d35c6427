import type { Mesh, Point } from "../geometry/mesh.ts";
import { addArch, addMerlons, addSteps } from "../geometry/orders.ts";
import { addDome, addHipRoof, addSpire } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addDisc, addFrustum, addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createCurtainWall, createWindows, type Style } from "./style.ts";

/** A tower of several stages with clock faces. */
export function buildClockTower(mesh: Mesh, traits: Traits, style: Style): void {
  const stages = traits.integer("stages", 2, 5);
  const sides = traits.pick("sides", [4, 4, 4, 8]);
  let side = traits.range("side", 6, 11);
  let y = 0;
  addSteps(mesh, { width: side, height: 1.2, depth: side }, 3, 0.8, style.trim);
  for (let stage = 0; stage < stages; stage++) {
    const height = traits.range(`height${stage}`, 6, 16) * (stage === 0 ? 1.3 : 1);
    const windows = createWindows(traits.within(`stage${stage}`), style, { bay: [2.2, 4.5], floor: [3.5, 8] });
    const wall = withWindows(stage % 2 === 0 ? style.wall : style.wall2, traits.chance(`blank${stage}`, 0.25) ? null : windows);
    mesh.place({ y }, () => {
      addPrism(mesh, outline(sides, side), height, { walls: wall, top: style.trim });
      mesh.place({ y: height - 0.6 }, () => addPrism(mesh, outline(sides, side * 1.12), 0.9, { walls: style.trim, top: style.trim }));
      if (stage === stages - 1) addClocks(mesh, traits, side, height);
    });
    y += height;
    side *= traits.range(`taper${stage}`, 0.72, 1);
  }
  mesh.place({ y }, () => addTowerCap(mesh, traits, style, side, sides));
}

function outline(sides: number, side: number): [number, number][] {
  return sides === 4 ? regularOutline(4, side * 0.7071) : regularOutline(sides, side * 0.54);
}

function addClocks(mesh: Mesh, traits: Traits, side: number, height: number): void {
  const dark = traits.chance("darkFace", 0.3);
  const face = createSurface("clock", dark ? [0.03, 0.05, 0.1] : [0.85, 0.82, 0.72], {
    accent: dark ? [0.8, 0.6, 0.2] : [0.03, 0.03, 0.03],
    detail: 10.15,
    glow: -0.5,
  });
  for (let i = 0; i < 4; i++) {
    mesh.place({ turn: (Math.PI / 2) * i }, () =>
      mesh.place({ y: height * 0.6, z: side * 0.5 + 0.15 }, () => addDisc(mesh, side * traits.range("clock", 0.26, 0.4), face)),
    );
  }
}

function addTowerCap(mesh: Mesh, traits: Traits, style: Style, side: number, sides: number): void {
  const cap = traits.pick("cap", ["spire", "pyramid", "dome", "onion", "lantern", "battlement"] as const);
  const height = side * traits.range("capHeight", 0.8, 2.4);
  if (cap === "spire") addSpire(mesh, { radius: side * 0.62, height: height * 1.4 }, sides, style.crown, 0.1);
  else if (cap === "pyramid") addHipRoof(mesh, { width: side, height, depth: side }, 0.3, style.roof);
  else if (cap === "dome") addDome(mesh, "half", { radius: side * 0.55, height: side * 0.6 }, style.crown);
  else if (cap === "onion") addDome(mesh, "onion", { radius: side * 0.5, height }, style.crown);
  else if (cap === "battlement") {
    for (let i = 0; i < 4; i++) {
      mesh.place({ turn: (Math.PI / 2) * i }, () => mesh.place({ z: side * 0.52 }, () => addMerlons(mesh, side * 1.1, { width: 0.9, height: 1.4, depth: 0.5 }, style.trim)));
    }
  } else {
    for (const [x, z] of regularOutline(6, side * 0.35)) mesh.place({ x, z }, () => addCylinder(mesh, { radius: 0.25, height: side * 0.6 }, style.trim, { segments: 6 }));
    mesh.place({ y: side * 0.6 }, () => addDome(mesh, "bell", { radius: side * 0.5, height }, style.crown));
  }
}

/** A lighthouse: a tapered shaft, often striped, with gallery and lantern; or a windmill. */
export function buildLighthouse(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 16, 34);
  const radius = height * traits.range("girth", 0.1, 0.17);
  const top = radius * traits.range("taper", 0.5, 0.8);
  const paint = createSurface("stripes", [0.85, 0.84, 0.8], {
    accent: traits.pick("paint", [[0.55, 0.05, 0.04], [0.04, 0.05, 0.07], [0.05, 0.12, 0.35], [0.6, 0.3, 0.04]] as const),
    scale: height / traits.integer("bands", 2, 7),
    variation: 0.5,
  });
  const shaft = traits.chance("striped", 0.55) ? paint : style.wall;
  addPrism(mesh, regularOutline(8, radius * 1.5), height * 0.06, { walls: style.trim, top: style.trim });
  addLathe(mesh, [[radius, 0], [top, height]], shaft, { segments: traits.pick("sides", [20, 20, 8]), smooth: traits.chance("round", 0.8) });
  if (traits.chance("mill", 0.3)) {
    mesh.place({ y: height }, () => addDome(mesh, "pointed", { radius: top * 1.15, height: top * 1.3 }, style.roof));
    mesh.place({ y: height * 0.98, z: top + 0.9 }, () => addSails(mesh, traits, height * 0.55, style));
  } else {
    mesh.place({ y: height }, () => {
      addCylinder(mesh, { radius: top * 1.5, height: 0.6 }, style.trim);
      addCylinder(mesh, { radius: top * 0.75, height: top * 1.4 }, createSurface("lattice", [0.3, 0.3, 0.3], { accent: [0.5, 0.5, 0.4], glow: -1.5, gloss: 0.3 }));
      mesh.place({ y: top * 1.4 }, () => addDome(mesh, traits.pick("lantern", ["half", "pointed", "bell"] as const), { radius: top * 0.9, height: top }, style.crown, 12));
    });
  }
  if (traits.chance("house", 0.6)) {
    mesh.place({ x: radius * 2.3 }, () => {
      const house = { width: 8, height: 4, depth: 7 };
      addBox(mesh, house, withWindows(style.wall2, createWindows(traits.within("house"), style)), style.roof);
      mesh.place({ y: 4 }, () => addHipRoof(mesh, { ...house, height: 2.6 }, 0.5, style.roof));
    });
  }
}

function addSails(mesh: Mesh, traits: Traits, length: number, style: Style): void {
  const cloth = createSurface("lattice", [0.25, 0.18, 0.1], { accent: [0.75, 0.7, 0.6], scale: 1.2 });
  const turn = traits.range("sailTurn", 0, 1.5);
  for (let i = 0; i < 4; i++) {
    const a = turn + (Math.PI / 2) * i;
    const [x, y] = [Math.cos(a), Math.sin(a)];
    addBar(mesh, [0, 0, 0], [x * length, y * length, 0], 0.35, style.metal);
    const w = length * 0.16;
    const corner = (along: number, across: number): Point => [x * along - y * across, y * along + x * across, 0.1];
    mesh.quad(corner(length * 0.2, 0), corner(length, 0), corner(length, w), corner(length * 0.2, w), cloth);
  }
}

/** An open tower of iron, with curved legs or straight ones. */
export function buildLatticeTower(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 50, 95);
  const foot = height * traits.range("foot", 0.13, 0.24);
  const curve = traits.range("curve", 1, 2.6);
  const levels = traits.integer("levels", 7, 12);
  const half = (level: number): number => 0.8 + foot * (1 - level / levels) ** curve;
  const thickness = height * 0.011;
  for (let level = 0; level < levels; level++) {
    const [y0, y1] = [(height * level) / levels, (height * (level + 1)) / levels];
    const [a, b] = [half(level), half(level + 1)];
    for (let i = 0; i < 4; i++) {
      mesh.place({ turn: (Math.PI / 2) * i }, () => {
        addBar(mesh, [a, y0, a], [b, y1, b], thickness * 1.5, style.metal);
        addBar(mesh, [-a, y0, a], [b, y1, b], thickness * 0.7, style.metal);
        addBar(mesh, [a, y0, a], [-b, y1, b], thickness * 0.7, style.metal);
        addBar(mesh, [-b, y1, b], [b, y1, b], thickness * 0.8, style.metal);
      });
    }
  }
  const decks = traits.integer("decks", 1, 3);
  for (let i = 0; i < decks; i++) {
    const level = Math.round(levels * (0.2 + (0.55 * (i + traits.range("deckShift", 0.2, 0.8))) / decks));
    const side = 2.5 * half(level);
    mesh.place({ y: (height * level) / levels }, () => addBox(mesh, { width: side, height: height * 0.03, depth: side }, style.trim));
  }
  mesh.place({ y: height }, () => {
    addCylinder(mesh, { radius: 2.2, height: 3.5 }, style.trim, { segments: 8 });
    addBar(mesh, [0, 0, 0], [0, height * traits.range("mast", 0.06, 0.25), 0], 0.7, style.metal);
  });
  if (traits.chance("baseArch", 0.5)) {
    for (let i = 0; i < 4; i++) {
      mesh.place({ turn: (Math.PI / 2) * i }, () => mesh.place({ z: foot }, () => addArch(mesh, { width: 2 * foot, height: foot * 0.95, depth: 1, opening: 1.7 * foot, spring: 0.5 }, "round", style.metal)));
    }
  }
}

/** A tall modern building: stacked, tapered, twisted or round. */
export function buildSkyscraper(mesh: Mesh, traits: Traits, style: Style): void {
  const kind = traits.pick("kind", ["stepped", "tapered", "twisted", "round", "slab", "split"] as const);
  const height = traits.range("height", 60, 120);
  const side = height * traits.range("side", 0.17, 0.32);
  const modern = traits.chance("modern", 0.65);
  const skin = modern ? createCurtainWall(traits.within("skin")) : withWindows(style.wall, createWindows(traits.within("skin"), style, { bay: [3, 7], floor: [4, 8] }));
  const cap = style.trim;
  if (kind === "stepped") {
    const blocks = traits.integer("blocks", 3, 5);
    let y = 0;
    for (let i = 0; i < blocks; i++) {
      const share = 1 - (i / blocks) * traits.range("setback", 0.5, 0.85);
      const part = (height / blocks) * traits.range(`part${i}`, 0.7, 1.3);
      mesh.place({ y, x: (1 - share) * side * traits.range("lean", -0.4, 0.4) }, () => addBox(mesh, { width: side * share, height: part, depth: side * share }, skin, cap));
      y += part;
    }
    mesh.place({ y }, () => addSpire(mesh, { radius: side * 0.14, height: height * traits.range("spire", 0.03, 0.25) }, 8, style.crown));
  } else if (kind === "tapered") {
    const sides = traits.pick("sides", [3, 4, 4, 6]);
    addFrustum(mesh, regularOutline(sides, side * 0.7), regularOutline(sides, side * traits.range("tip", 0.1, 0.5)), height, { walls: skin, top: cap });
  } else if (kind === "twisted") {
    const slices = 14;
    const twist = traits.range("twist", 0.7, 1.8);
    for (let i = 0; i < slices; i++) {
      const ring = (k: number): [number, number][] => regularOutline(4, side * (0.68 - 0.012 * k), 0.5 + (twist * k) / slices / 1.571);
      mesh.place({ y: (height * i) / slices }, () => addFrustum(mesh, ring(i), ring(i + 1), height / slices, { walls: skin, top: cap }));
    }
  } else if (kind === "round") {
    const bulge = traits.range("bulge", 0.7, 1.4);
    const profile = Array.from({ length: 9 }, (_, i): [number, number] => {
      const t = i / 8;
      return [side * 0.5 * (0.72 + 0.3 * Math.sin(Math.PI * t * bulge)) * (t < 1 ? 1 : traits.range("roundTip", 0, 0.7)), height * t];
    });
    addLathe(mesh, profile, skin, { segments: 22 });
  } else if (kind === "slab") {
    const depth = side * 0.5;
    addBox(mesh, { width: side * 1.5, height: height * 0.85, depth }, skin, cap);
    mesh.place({ y: height * 0.85 }, () => addFrustum(mesh, [[-side * 0.75, depth / 2], [side * 0.75, depth / 2], [side * 0.75, -depth / 2], [-side * 0.75, -depth / 2]], [[-side * 0.75, depth / 2], [side * traits.range("slope", -0.6, 0.75), depth / 2], [side * 0.2, -depth / 2], [-side * 0.75, -depth / 2]], height * 0.16, { walls: skin, top: cap }));
  } else {
    const gap = side * traits.range("gap", 0.15, 0.45);
    for (const x of [1, -1]) {
      const tall = height * (x > 0 ? 1 : traits.range("second", 0.75, 1));
      mesh.place({ x: x * (side * 0.36 + gap / 2) }, () => {
        addBox(mesh, { width: side * 0.7, height: tall, depth: side * 0.7 }, skin, cap);
        mesh.place({ y: tall }, () => addSpire(mesh, { radius: side * 0.3, height: side * traits.range("tips", 0.2, 1.5) }, 4, style.crown));
      });
    }
    mesh.place({ y: height * traits.range("bridge", 0.3, 0.6) }, () => addBox(mesh, { width: gap + side * 0.4, height: height * 0.06, depth: side * 0.3 }, style.metal));
  }
  addBox(mesh, { width: side * 1.7, height: traits.range("podium", 4, 10), depth: side * 1.3 }, modern ? style.wall2 : skin, cap);
}
