import type { Mesh } from "../geometry/mesh.ts";
import { addArch, addMerlons, addSteps } from "../geometry/orders.ts";
import { addDome, addHipRoof, addSpire } from "../geometry/roofs.ts";
import { addBar, addBox, addCylinder, addDisc, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** A tower of several stages with clock faces. */
export function buildClockTower(mesh: Mesh, traits: Traits, style: Style): void {
  const stages = traits.integer("stages", 2, 5);
  const sides = traits.pick("sides", [4, 4, 4, 8]);
  let side = traits.range("side", 6, 11);
  let y = 0;
  addSteps(mesh, { width: side, height: 1.2, depth: side }, 3, 0.8, style.trim);
  for (let stage = 0; stage < stages; stage++) {
    const height = traits.range(`height${stage}`, 6, 16) * (stage === 0 ? 1.3 : 1);
    const windows = createWindows(traits.within(`stage${stage}`), style, {
      bay: [2.2, 4.5],
      floor: [3.5, 8],
    });
    const wall = withWindows(
      stage % 2 === 0 ? style.wall : style.wall2,
      traits.chance(`blank${stage}`, 0.25) ? null : windows,
    );
    mesh.place({ y }, () => {
      addPrism(mesh, outline(sides, side), height, { walls: wall, top: style.trim });
      mesh.place({ y: height - 0.6 }, () =>
        addPrism(mesh, outline(sides, side * 1.12), 0.9, { walls: style.trim, top: style.trim }),
      );
      if (stage === stages - 1) addClocks(mesh, traits, side, height);
    });
    y += height;
    side *= traits.range(`taper${stage}`, 0.72, 1);
  }
  mesh.place({ y }, () => addTowerCap(mesh, traits, style, side, sides));
}

function outline(sides: number, side: number): [number, number][] {
  return sides === 4 ? regularOutline(4, side * Math.SQRT1_2) : regularOutline(sides, side * 0.54);
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
      mesh.place({ y: height * 0.6, z: side * 0.5 + 0.15 }, () =>
        addDisc(mesh, side * traits.range("clock", 0.26, 0.4), face),
      ),
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
      mesh.place({ turn: (Math.PI / 2) * i }, () =>
        mesh.place({ z: side * 0.52 }, () =>
          addMerlons(mesh, side * 1.1, { width: 0.9, height: 1.4, depth: 0.5 }, style.trim),
        ),
      );
    }
  } else {
    for (const [x, z] of regularOutline(6, side * 0.35))
      mesh.place({ x, z }, () =>
        addCylinder(mesh, { radius: 0.25, height: side * 0.6 }, style.trim, { segments: 6 }),
      );
    mesh.place({ y: side * 0.6 }, () => addDome(mesh, "bell", { radius: side * 0.5, height }, style.crown));
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
    mesh.place({ y: (height * level) / levels }, () =>
      addBox(mesh, { width: side, height: height * 0.03, depth: side }, style.trim),
    );
  }
  mesh.place({ y: height }, () => {
    addCylinder(mesh, { radius: 2.2, height: 3.5 }, style.trim, { segments: 8 });
    addBar(mesh, [0, 0, 0], [0, height * traits.range("mast", 0.06, 0.25), 0], 0.7, style.metal);
  });
  if (traits.chance("baseArch", 0.5)) {
    for (let i = 0; i < 4; i++) {
      mesh.place({ turn: (Math.PI / 2) * i }, () =>
        mesh.place({ z: foot }, () =>
          addArch(
            mesh,
            { width: 2 * foot, height: foot * 0.95, depth: 1, opening: 1.7 * foot, spring: 0.5 },
            "round",
            style.metal,
          ),
        ),
      );
    }
  }
}
