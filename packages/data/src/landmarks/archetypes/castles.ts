import type { Mesh } from "../geometry/mesh.ts";
import { addArch, addMerlonRing, addMerlons } from "../geometry/orders.ts";
import { addHipRoof, addSpire } from "../geometry/roofs.ts";
import { addBox, addCylinder, addLathe, type Size } from "../geometry/solids.ts";
import { createSurface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

/** What all parts of a castle have in common. */
interface Works {
  readonly style: Style;
  readonly merlon: Size;
  readonly width: number;
  readonly depth: number;
  /** Height of the walls. */
  readonly wall: number;
}

/** Walls with round or square towers around a keep, and a gate. */
export function buildCastle(mesh: Mesh, traits: Traits, style: Style): void {
  const width = traits.range("width", 30, 52);
  const works: Works = {
    style,
    width,
    depth: width * traits.range("depth", 0.6, 1),
    wall: traits.range("wall", 7, 12),
    merlon: {
      width: traits.range("merlon", 0.8, 1.4),
      height: traits.range("merlonHeight", 1, 1.8),
      depth: 0.7,
    },
  };
  const mound = traits.chance("mound", 0.4) ? traits.range("moundHeight", 3, 10) : 0;
  if (mound > 0) addMound(mesh, width, mound);
  mesh.place({ y: mound }, () => {
    addWalls(mesh, works);
    addCorners(mesh, traits, works);
    addKeep(mesh, traits.within("keep"), works);
    addGate(mesh, traits, works);
  });
}

function addMound(mesh: Mesh, width: number, height: number): void {
  const profile = [
    [width * 1.05, 0],
    [width * 0.85, height * 0.7],
    [width * 0.78, height],
    [0, height],
  ] as const;
  addLathe(mesh, profile, createSurface("rock", [0.2, 0.19, 0.14], { scale: 3 }), {
    segments: 12,
    smooth: false,
  });
}

function addWalls(mesh: Mesh, { style, merlon, width, depth, wall }: Works): void {
  const sides = [
    { z: depth / 2, turn: 0, length: width },
    { z: -depth / 2, turn: Math.PI, length: width },
    { x: width / 2, turn: Math.PI / 2, length: depth },
    { x: -width / 2, turn: -Math.PI / 2, length: depth },
  ];
  for (const { length, ...placement } of sides) {
    mesh.place(placement, () => {
      addBox(mesh, { width: length, height: wall, depth: 1.8 }, style.wall);
      mesh.place({ y: wall, z: 0.5 }, () => addMerlons(mesh, length, merlon, style.wall));
    });
  }
}

function addCorners(mesh: Mesh, traits: Traits, works: Works): void {
  const radius = traits.range("tower", 3, 5);
  for (let i = 0; i < 4; i++) {
    const part = traits.within(traits.chance("even", 0.6) ? "corner" : `corner${i}`);
    const x = (i % 2 === 0 ? 1 : -1) * (works.width / 2);
    const z = (i < 2 ? 1 : -1) * (works.depth / 2);
    mesh.place({ x, z }, () => addTower(mesh, part, works, radius));
  }
}

function addGate(mesh: Mesh, traits: Traits, { style, merlon, depth, wall }: Works): void {
  const house = { width: 9, height: wall * 1.25, depth: 5, opening: 4, spring: 4 };
  mesh.place({ z: depth / 2 + 1 }, () => {
    addArch(mesh, house, traits.pick("gate", ["round", "pointed"] as const), style.wall2, style.dark);
    mesh.place({ y: house.height, z: 2 }, () => addMerlons(mesh, house.width, merlon, style.wall2));
  });
}

function addTower(mesh: Mesh, traits: Traits, { style, merlon, wall }: Works, radius: number): void {
  const height = wall * traits.range("height", 1.25, 2.1);
  const windows = createWindows(traits.within("slit"), style, { bay: [3, 5], floor: [4, 7] });
  const skin = withWindows(style.wall, { ...windows, width: 0.16, course: 0 });
  const square = traits.chance("square", 0.35);
  if (square) addBox(mesh, { width: radius * 1.8, height, depth: radius * 1.8 }, skin, style.trim);
  else addCylinder(mesh, { radius, height }, skin, { segments: 14 });
  mesh.place({ y: height }, () => {
    if (traits.chance("roofed", 0.55)) {
      const roof = { radius: radius * 1.2, height: radius * traits.range("roof", 1.2, 3) };
      addSpire(mesh, roof, square ? 4 : 14, style.roof);
    } else {
      addCylinder(mesh, { radius: radius * 1.12, height: 0.8 }, style.trim, { segments: 14 });
      mesh.place({ y: 0.8 }, () => addMerlonRing(mesh, radius * 1.1, merlon, style.wall));
    }
  });
}

function addKeep(mesh: Mesh, traits: Traits, works: Works): void {
  const { style, merlon, wall } = works;
  const size = {
    width: traits.range("width", 10, 18),
    height: wall * traits.range("height", 1.6, 2.8),
    depth: traits.range("depth", 9, 14),
  };
  mesh.place({ x: traits.range("shift", -8, 8), z: -3 }, () => {
    addBox(mesh, size, withWindows(style.wall2, createWindows(traits, style, { bay: [3, 5] })), style.trim);
    mesh.place({ y: size.height }, () => {
      if (traits.chance("roofed", 0.6)) {
        addHipRoof(mesh, { ...size, height: size.width * traits.range("roof", 0.4, 0.9) }, 0.5, style.roof);
      } else {
        for (const side of [1, -1]) {
          mesh.place({ z: side * (size.depth / 2 - 0.4) }, () =>
            addMerlons(mesh, size.width, merlon, style.wall2),
          );
        }
      }
    });
    if (traits.chance("turret", 0.5)) {
      mesh.place({ x: size.width / 2, z: size.depth / 2 }, () =>
        addTower(mesh, traits.within("turret"), { ...works, wall: size.height * 0.75 }, 2),
      );
    }
  });
}
