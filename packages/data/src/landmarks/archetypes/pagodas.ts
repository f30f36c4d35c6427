import type { Mesh } from "../geometry/mesh.ts";
import { addSpire } from "../geometry/roofs.ts";
import { addLathe, addPrism, regularOutline } from "../geometry/solids.ts";
import { createSurface, withWindows } from "../render/surface.ts";
import type { Traits } from "../traits.ts";
import { createWindows, type Style } from "./style.ts";

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
  const wood = createSurface(
    "planks",
    traits.pick("wood", [
      [0.4, 0.07, 0.04],
      [0.18, 0.1, 0.05],
      [0.5, 0.42, 0.3],
      [0.08, 0.16, 0.12],
    ] as const),
    { windows },
  );
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
    mesh.place({ y: radius * 0.6 }, () =>
      addLathe(
        mesh,
        [
          [0.5, 0],
          [0.2, 1],
          [0.55, 1.6],
          [0.15, 2.2],
          [0.4, 2.8],
          [0, traits.range("finial", 4, 8)],
        ],
        style.crown,
        { segments: 8 },
      ),
    );
  });
}

function addEaves(
  mesh: Mesh,
  sides: number,
  radius: number,
  eaves: number,
  lift: number,
  style: Style,
): void {
  const outer = regularOutline(sides, radius * eaves);
  const inner = regularOutline(sides, radius * 0.86);
  const rise = radius * 0.4;
  for (let i = 0; i < sides; i++) {
    const j = (i + 1) % sides;
    const mid: [number, number] = [
      ((outer[i]![0] + outer[j]![0]) / 2) * 0.96,
      ((outer[i]![1] + outer[j]![1]) / 2) * 0.96,
    ];
    const up: [number, number] = [(inner[i]![0] + inner[j]![0]) / 2, (inner[i]![1] + inner[j]![1]) / 2];
    const half = (a: readonly [number, number], b: readonly [number, number], ya: number, yb: number): void =>
      mesh.quad(
        [a[0], ya, a[1]],
        [b[0], yb, b[1]],
        b === mid ? [up[0], rise, up[1]] : [inner[j]![0], rise, inner[j]![1]],
        a === mid ? [up[0], rise, up[1]] : [inner[i]![0], rise, inner[i]![1]],
        style.roof,
      );
    half(outer[i]!, mid, lift, 0);
    half(mid, outer[j]!, 0, lift);
  }
}
