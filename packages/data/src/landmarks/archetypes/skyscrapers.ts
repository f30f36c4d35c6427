import type { Mesh } from "../geometry/mesh.ts";
import { addSpire } from "../geometry/roofs.ts";
import { addBox, addFrustum, addLathe, regularOutline } from "../geometry/solids.ts";
import { type Surface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createCurtainWall, createWindows, type Style } from "./style.ts";

/** What the shapes of a tall building are cut from. */
interface Shaft {
  readonly height: number;
  readonly side: number;
  readonly skin: Surface;
}

type ShaftBuilder = (mesh: Mesh, traits: Traits, style: Style, shaft: Shaft) => void;

const shapes: readonly ShaftBuilder[] = [addStepped, addTapered, addTwisted, addRound, addSlab, addPair];

/** A tall modern building: stepped, tapered, twisted, round, a slab or a pair. */
export function buildSkyscraper(mesh: Mesh, traits: Traits, style: Style): void {
  const height = traits.range("height", 60, 120);
  const side = height * traits.range("side", 0.17, 0.32);
  const modern = traits.chance("modern", 0.65);
  const windows = createWindows(traits.within("skin"), style, { bay: [3, 7], floor: [4, 8] });
  const skin = modern ? createCurtainWall(traits.within("skin")) : withWindows(style.wall, windows);
  traits.pick("kind", shapes)(mesh, traits, style, { height, side, skin });
  const podium = { width: side * 1.7, height: traits.range("podium", 4, 10), depth: side * 1.3 };
  addBox(mesh, podium, modern ? style.wall2 : skin, style.trim);
}

function addStepped(mesh: Mesh, traits: Traits, style: Style, { height, side, skin }: Shaft): void {
  const blocks = traits.integer("blocks", 3, 5);
  let y = 0;
  for (let i = 0; i < blocks; i++) {
    const share = 1 - (i / blocks) * traits.range("setback", 0.5, 0.85);
    const part = (height / blocks) * traits.range(`part${i}`, 0.7, 1.3);
    mesh.place({ y, x: (1 - share) * side * traits.range("lean", -0.4, 0.4) }, () =>
      addBox(mesh, { width: side * share, height: part, depth: side * share }, skin, style.trim),
    );
    y += part;
  }
  const spire = { radius: side * 0.14, height: height * traits.range("spire", 0.03, 0.25) };
  mesh.place({ y }, () => addSpire(mesh, spire, 8, style.crown));
}

function addTapered(mesh: Mesh, traits: Traits, style: Style, { height, side, skin }: Shaft): void {
  const sides = traits.pick("sides", [3, 4, 4, 6]);
  const tip = regularOutline(sides, side * traits.range("tip", 0.1, 0.5));
  addFrustum(mesh, regularOutline(sides, side * 0.7), tip, height, { walls: skin, top: style.trim });
}

function addTwisted(mesh: Mesh, traits: Traits, style: Style, { height, side, skin }: Shaft): void {
  const slices = 14;
  const turn = traits.range("twist", 0.45, 1.15);
  const ring = (slice: number): [number, number][] =>
    regularOutline(4, side * (0.68 - 0.012 * slice), 0.5 + (turn * slice) / slices);
  for (let i = 0; i < slices; i++) {
    mesh.place({ y: (height * i) / slices }, () =>
      addFrustum(mesh, ring(i), ring(i + 1), height / slices, { walls: skin, top: style.trim }),
    );
  }
}

function addRound(mesh: Mesh, traits: Traits, _style: Style, { height, side, skin }: Shaft): void {
  const bulge = traits.range("bulge", 0.7, 1.4);
  const steps = 8;
  const profile = Array.from({ length: steps + 1 }, (_, i): [number, number] => {
    const t = i / steps;
    const girth = 0.36 + 0.15 * Math.sin(Math.PI * t * bulge);
    return [side * girth * (t < 1 ? 1 : traits.range("roundTip", 0, 0.7)), height * t];
  });
  addLathe(mesh, profile, skin, { segments: 22 });
}

function addSlab(mesh: Mesh, traits: Traits, style: Style, { height, side, skin }: Shaft): void {
  const x = side * 0.75;
  const z = side * 0.25;
  const cut = side * traits.range("slope", -0.6, 0.75);
  const foot: [number, number][] = [
    [-x, z],
    [x, z],
    [x, -z],
    [-x, -z],
  ];
  const top: [number, number][] = [
    [-x, z],
    [cut, z],
    [side * 0.2, -z],
    [-x, -z],
  ];
  addBox(mesh, { width: 2 * x, height: height * 0.85, depth: 2 * z }, skin, style.trim);
  mesh.place({ y: height * 0.85 }, () =>
    addFrustum(mesh, foot, top, height * 0.16, { walls: skin, top: style.trim }),
  );
}

function addPair(mesh: Mesh, traits: Traits, style: Style, { height, side, skin }: Shaft): void {
  const gap = side * traits.range("gap", 0.15, 0.45);
  const tip = { radius: side * 0.3, height: side * traits.range("tips", 0.2, 1.5) };
  for (const x of [1, -1]) {
    const tall = height * (x > 0 ? 1 : traits.range("second", 0.75, 1));
    mesh.place({ x: x * (side * 0.36 + gap / 2) }, () => {
      addBox(mesh, { width: side * 0.7, height: tall, depth: side * 0.7 }, skin, style.trim);
      mesh.place({ y: tall }, () => addSpire(mesh, tip, 4, style.crown));
    });
  }
  mesh.place({ y: height * traits.range("bridge", 0.3, 0.6) }, () =>
    addBox(mesh, { width: gap + side * 0.4, height: height * 0.06, depth: side * 0.3 }, style.metal),
  );
}
