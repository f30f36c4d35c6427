import type { Surface } from "../render/surface.ts";
import type { Mesh, Point, Uv } from "./mesh.ts";
import { addBox, addLathe, type Size } from "./solids.ts";

/** A column with base, shaft and capital. */
export function addColumn(
  mesh: Mesh,
  size: { readonly radius: number; readonly height: number },
  surface: Surface,
  segments = 8,
): void {
  const { radius: r, height: h } = size;
  addLathe(
    mesh,
    [
      [1.35 * r, 0],
      [1.35 * r, 0.03 * h],
      [r, 0.06 * h],
      [0.84 * r, 0.9 * h],
      [1.3 * r, 0.95 * h],
      [1.3 * r, h],
    ],
    surface,
    { segments },
  );
}

/** A straight row of columns along x, centred, with their outermost axes `length` apart. */
export function addColonnade(
  mesh: Mesh,
  row: { readonly count: number; readonly length: number; readonly radius: number; readonly height: number },
  surface: Surface,
): void {
  for (let i = 0; i < row.count; i++) {
    const x = row.count === 1 ? 0 : row.length * (i / (row.count - 1) - 0.5);
    mesh.place({ x }, () => addColumn(mesh, row, surface));
  }
}

/** Steps that narrow from all sides towards a platform. */
export function addSteps(mesh: Mesh, size: Size, steps: number, tread: number, surface: Surface): void {
  for (let i = 0; i < steps; i++) {
    const grow = 2 * tread * (steps - i);
    const height = (size.height * (i + 1)) / steps;
    addBox(mesh, { width: size.width + grow, height, depth: size.depth + grow }, surface);
  }
}

/** Merlons on the upper edge of a wall along x, standing on the ground plane of its frame. */
export function addMerlons(mesh: Mesh, length: number, merlon: Size, surface: Surface): void {
  const count = Math.max(2, Math.round(length / (2 * merlon.width)));
  for (let i = 0; i < count; i++) {
    const x = length * ((i + 0.5) / count - 0.5);
    mesh.place({ x }, () => addBox(mesh, merlon, surface));
  }
}

/** Merlons in a circle. */
export function addMerlonRing(mesh: Mesh, radius: number, merlon: Size, surface: Surface): void {
  const count = Math.max(5, Math.round((Math.PI * radius) / merlon.width));
  for (let i = 0; i < count; i++) {
    const turn = (2 * Math.PI * i) / count;
    mesh.place({ turn }, () =>
      mesh.place({ z: radius - merlon.depth / 2 }, () => addBox(mesh, merlon, surface)),
    );
  }
}

/** The curve of an opening. */
export type ArchCurve = "round" | "pointed" | "flat" | "segmental";

/** A wall with one opening. */
export interface ArchSize extends Size {
  /** Clear width of the opening. */
  readonly opening: number;
  /** Height where the curve begins. */
  readonly spring: number;
}

/** A wall panel along x with an arched opening through it. */
export function addArch(
  mesh: Mesh,
  size: ArchSize,
  curve: ArchCurve,
  wall: Surface,
  inside: Surface = wall,
): void {
  const line = archLine(size, curve);
  const x = size.width / 2;
  const o = size.opening / 2;
  for (const side of [1, -1]) {
    const z = (side * size.depth) / 2;
    const face = (points: readonly [Uv, Uv, Uv, Uv]): void =>
      mesh.patch(
        points.map(([px, py]): Point => [px * side, py, z]) as [Point, Point, Point, Point],
        wall,
        points.map(([px, py]): Uv => [px + x, py]) as [Uv, Uv, Uv, Uv],
      );
    face([
      [-x, 0],
      [-o, 0],
      [-o, size.height],
      [-x, size.height],
    ]);
    face([
      [o, 0],
      [x, 0],
      [x, size.height],
      [o, size.height],
    ]);
    for (let i = 0; i + 1 < line.length; i++) {
      face([line[i]!, line[i + 1]!, [line[i + 1]![0], size.height], [line[i]![0], size.height]]);
    }
  }
  const z = size.depth / 2;
  const rim: Uv[] = [[-o, 0], ...line, [o, 0]];
  for (let i = 0; i + 1 < rim.length; i++) {
    const [ax, ay] = rim[i]!;
    const [bx, by] = rim[i + 1]!;
    mesh.quad([ax, ay, z], [bx, by, z], [bx, by, -z], [ax, ay, -z], inside);
  }
  mesh.quad([-x, size.height, z], [x, size.height, z], [x, size.height, -z], [-x, size.height, -z], wall);
  for (const side of [1, -1]) {
    mesh.quad(
      [side * x, 0, side * z],
      [side * x, 0, -side * z],
      [side * x, size.height, -side * z],
      [side * x, size.height, side * z],
      wall,
    );
  }
}

function archLine(size: ArchSize, curve: ArchCurve): Uv[] {
  const o = size.opening / 2;
  const steps = curve === "flat" ? 1 : 8;
  const rise = Math.min(size.height - size.spring - 0.05, archRise(curve, o));
  return Array.from({ length: steps + 1 }, (_, i): Uv => {
    const t = (2 * i) / steps - 1;
    const shape = curve === "pointed" ? 1 - Math.abs(t) ** 1.6 : Math.sqrt(Math.max(0, 1 - t * t));
    return [t * o, size.spring + (curve === "flat" ? 0 : rise * shape)];
  });
}

function archRise(curve: ArchCurve, half: number): number {
  return curve === "pointed" ? 1.5 * half : curve === "segmental" ? 0.45 * half : half;
}

/** A row of equal arches along x. */
export function addArcade(mesh: Mesh, count: number, size: ArchSize, curve: ArchCurve, wall: Surface): void {
  for (let i = 0; i < count; i++) {
    mesh.place({ x: size.width * (i - (count - 1) / 2) }, () => addArch(mesh, size, curve, wall));
  }
}

/** Equal arches in a circle of the given radius (to the middle of the wall). */
export function addArcadeRing(
  mesh: Mesh,
  count: number,
  radius: number,
  size: Omit<ArchSize, "width">,
  curve: ArchCurve,
  wall: Surface,
): void {
  const width = 2 * radius * Math.tan(Math.PI / count) * 1.02;
  for (let i = 0; i < count; i++) {
    mesh.place({ turn: (2 * Math.PI * i) / count }, () =>
      mesh.place({ z: radius }, () => addArch(mesh, { ...size, width }, curve, wall)),
    );
  }
}

/** A pediment: a low gable standing out in front of a wall. */
export function addPediment(mesh: Mesh, size: Size, frame: Surface, field: Surface): void {
  const x = size.width / 2;
  const z = size.depth / 2;
  const rim = size.height * 0.2;
  mesh.triangle(
    [
      [-x, 0, z],
      [x, 0, z],
      [0, size.height, z],
    ],
    frame,
    [
      [0, 0],
      [size.width, 0],
      [x, size.height],
    ],
  );
  const inner = x * 0.72;
  mesh.triangle(
    [
      [-inner, rim * 0.7, z + 0.08],
      [inner, rim * 0.7, z + 0.08],
      [0, size.height - rim * 1.1, z + 0.08],
    ],
    field,
    [
      [0, 0],
      [2 * inner, 0],
      [inner, size.height],
    ],
  );
  mesh.quad([x, 0, z], [x, 0, -z], [0, size.height, -z], [0, size.height, z], frame);
  mesh.quad([-x, 0, -z], [-x, 0, z], [0, size.height, z], [0, size.height, -z], frame);
}
