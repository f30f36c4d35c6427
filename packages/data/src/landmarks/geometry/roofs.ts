import type { Surface } from "../render/surface.ts";
import type { Mesh } from "./mesh.ts";
import { addFrustum, addLathe, type Size } from "./solids.ts";

/** A gabled roof over a rectangle; the ridge runs along z, the gables look to the front and the back. */
export function addGableRoof(mesh: Mesh, size: Size, roof: Surface, gable: Surface, overhang = 0.4): void {
  const x = size.width / 2;
  const z = size.depth / 2;
  const h = size.height;
  const drop = (overhang * h) / x;
  const ox = x + overhang;
  const oz = z + overhang;
  mesh.quad([ox, -drop, oz], [ox, -drop, -oz], [0, h, -oz], [0, h, oz], roof);
  mesh.quad([-ox, -drop, -oz], [-ox, -drop, oz], [0, h, oz], [0, h, -oz], roof);
  for (const side of [1, -1]) {
    const s = side * x;
    mesh.triangle(
      [
        [-s, 0, side * z],
        [s, 0, side * z],
        [0, h, side * z],
      ],
      gable,
      [
        [0, 0],
        [size.width, 0],
        [x, h],
      ],
    );
  }
}

/** A hipped roof; `ridge` is the share of the longer side that the ridge keeps, 0 for a pyramid. */
export function addHipRoof(mesh: Mesh, size: Size, ridge: number, roof: Surface, overhang = 0.3): void {
  const x = size.width / 2 + overhang;
  const z = size.depth / 2 + overhang;
  const alongX = size.width > size.depth ? ridge * x : 0.001;
  const alongZ = size.width > size.depth ? 0.001 : ridge * z;
  addFrustum(
    mesh,
    [
      [-x, z],
      [x, z],
      [x, -z],
      [-x, -z],
    ],
    [
      [-alongX, alongZ],
      [alongX, alongZ],
      [alongX, -alongZ],
      [-alongX, -alongZ],
    ],
    size.height,
    { walls: roof, top: roof },
  );
}

/** A mansard: steep slopes with a flat or low top. */
export function addMansard(mesh: Mesh, size: Size, inset: number, roof: Surface, top: Surface): void {
  const x = size.width / 2 + 0.2;
  const z = size.depth / 2 + 0.2;
  const tx = Math.max(0.2, size.width / 2 - inset);
  const tz = Math.max(0.2, size.depth / 2 - inset);
  addFrustum(
    mesh,
    [
      [-x, z],
      [x, z],
      [x, -z],
      [-x, -z],
    ],
    [
      [-tx, tz],
      [tx, tz],
      [tx, -tz],
      [-tx, -tz],
    ],
    size.height,
    { walls: roof, top },
  );
}

/** The silhouettes a dome can have. */
export type DomeShape = "half" | "low" | "pointed" | "onion" | "bell";

/** A dome of the given radius and height on the ground plane of its frame. */
export function addDome(
  mesh: Mesh,
  shape: DomeShape,
  size: { readonly radius: number; readonly height: number },
  roof: Surface,
  segments = 18,
): void {
  const profile = Array.from({ length: 10 }, (_, i): [number, number] => {
    const t = i / 9;
    return [size.radius * domeRadius(shape, t), size.height * t];
  });
  addLathe(mesh, profile, roof, { segments });
}

/** The radius at a share of the height, 1 at the foot. */
function domeRadius(shape: DomeShape, t: number): number {
  if (t >= 1) return 0;
  if (shape === "half" || shape === "low") return Math.sqrt(1 - t * t);
  if (shape === "pointed") return Math.sqrt(Math.max(0, 1 - t ** 1.5)) * (1 - 0.18 * t);
  if (shape === "bell") return 0.12 + 0.88 * (1 - t) ** 1.7 + 0.12 * Math.sin(Math.PI * t);
  return (1 - t) ** 0.8 * (1 + 1.35 * Math.sin(Math.PI * Math.min(1, 1.25 * t)) * (1 - t)) + 0.03;
}

/** A spire, pointed roof of a tower: a pyramid of `sides`, flared at the foot or not. */
export function addSpire(
  mesh: Mesh,
  size: { readonly radius: number; readonly height: number },
  sides: number,
  roof: Surface,
  flare = 0,
): void {
  const profile: [number, number][] = [
    [size.radius * (1 + flare), 0],
    [size.radius * (1 - 0.45 * Math.min(1, 2 * flare) - 0.08), 0.16 * size.height],
    [0, size.height],
  ];
  addLathe(mesh, profile, roof, { segments: sides, smooth: sides > 9 });
}
