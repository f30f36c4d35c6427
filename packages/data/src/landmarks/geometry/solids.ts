import { fitBays, fitFloors, type Surface } from "../render/surface.ts";
import type { Mesh, Point, Uv } from "./mesh.ts";

/** Width (x), height (y) and depth (z) of a part, metres. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** A box that stands on the ground plane of its frame, without a floor. */
export function addBox(mesh: Mesh, size: Size, walls: Surface, top: Surface = walls): void {
  const x = size.width / 2;
  const z = size.depth / 2;
  addPrism(
    mesh,
    [
      [-x, z],
      [x, z],
      [x, -z],
      [-x, -z],
    ],
    size.height,
    { walls, top },
  );
}

/** An upright prism over a convex outline of (x, z) points, counter-clockwise seen from above. */
export function addPrism(
  mesh: Mesh,
  outline: readonly (readonly [number, number])[],
  height: number,
  surfaces: { readonly walls: Surface; readonly top: Surface | null },
): void {
  addFrustum(mesh, outline, outline, height, surfaces);
}

/** Like {@link addPrism} with a different outline at the top. */
export function addFrustum(
  mesh: Mesh,
  bottom: readonly (readonly [number, number])[],
  top: readonly (readonly [number, number])[],
  height: number,
  surfaces: { readonly walls: Surface; readonly top: Surface | null },
): void {
  for (let i = 0; i < bottom.length; i++) {
    const j = (i + 1) % bottom.length;
    mesh.quad(
      [bottom[i]![0], 0, bottom[i]![1]],
      [bottom[j]![0], 0, bottom[j]![1]],
      [top[j]![0], height, top[j]![1]],
      [top[i]![0], height, top[i]![1]],
      surfaces.walls,
    );
  }
  if (surfaces.top === null) return;
  for (let i = 1; i + 1 < top.length; i++) {
    const corner = (k: number): Point => [top[k]![0], height, top[k]![1]];
    mesh.triangle([corner(0), corner(i), corner(i + 1)], surfaces.top, [top[0]!, top[i]!, top[i + 1]!]);
  }
}

/** A regular outline for {@link addPrism}, with a corner or (turned by half a step) a side at the front. */
export function regularOutline(sides: number, radius: number, phase = 0.5): [number, number][] {
  return Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * (i + phase)) / sides;
    return [radius * Math.sin(angle), radius * Math.cos(angle)];
  });
}

/** How {@link addLathe} turns a profile. */
export interface LatheOptions {
  readonly segments?: number;
  /** Rounded (one smooth skin) or faceted. */
  readonly smooth?: boolean;
  /** Part of a segment by which the corners are turned. */
  readonly phase?: number;
  /** Depth over width. */
  readonly squash?: number;
}

/** A solid of revolution: the profile is a list of (radius, height) from the bottom to the top. */
export function addLathe(
  mesh: Mesh,
  profile: readonly (readonly [number, number])[],
  surface: Surface,
  options: LatheOptions = {},
): void {
  const { segments = 16, smooth = true, phase = 0.5, squash = 1 } = options;
  const widest = Math.max(...profile.map(([radius]) => radius));
  const around = fitBays(2 * Math.PI * widest, surface.windows);
  let v = 0;
  for (let ring = 0; ring + 1 < profile.length; ring++) {
    const [r0, y0] = profile[ring]!;
    const [r1, y1] = profile[ring + 1]!;
    const slope = Math.hypot(r1 - r0, y1 - y0);
    if (slope < 1e-6) continue;
    const next = v + fitFloors(slope, surface.windows);
    for (let i = 0; i < segments; i++) {
      const a = (2 * Math.PI * (i + phase)) / segments;
      const b = (2 * Math.PI * (i + 1 + phase)) / segments;
      const at = (angle: number, radius: number, y: number): Point => [
        radius * Math.sin(angle),
        y,
        radius * squash * Math.cos(angle),
      ];
      const corners: [Point, Point, Point, Point] = [
        at(a, r0, y0),
        at(b, r0, y0),
        at(b, r1, y1),
        at(a, r1, y1),
      ];
      const u0 = (around * i) / segments;
      const u1 = (around * (i + 1)) / segments;
      const uvs: [Uv, Uv, Uv, Uv] = [
        [u0, v],
        [u1, v],
        [u1, next],
        [u0, next],
      ];
      if (!smooth) {
        mesh.patch(corners, surface, uvs);
        continue;
      }
      const lean = (r0 - r1) / slope;
      const flat = (y1 - y0) / slope;
      const na: Point = [flat * Math.sin(a), lean, flat * Math.cos(a)];
      const nb: Point = [flat * Math.sin(b), lean, flat * Math.cos(b)];
      if (r0 > 1e-6) {
        mesh.smoothTriangle([corners[0], corners[1], corners[2]], [na, nb, nb], surface, [
          uvs[0],
          uvs[1],
          uvs[2],
        ]);
      }
      if (r1 > 1e-6) {
        mesh.smoothTriangle([corners[0], corners[2], corners[3]], [na, nb, na], surface, [
          uvs[0],
          uvs[2],
          uvs[3],
        ]);
      }
    }
    v = next;
  }
}

/** An upright cylinder with a flat top. */
export function addCylinder(
  mesh: Mesh,
  size: { readonly radius: number; readonly height: number; readonly topRadius?: number },
  surface: Surface,
  options: LatheOptions = {},
): void {
  const { radius, height, topRadius = radius } = size;
  addLathe(
    mesh,
    [
      [radius, 0],
      [topRadius, height],
      [0, height],
    ],
    surface,
    options,
  );
}

/** An ellipsoid around the origin of its frame; `lumps` displaces its skin at random but always alike. */
export function addEllipsoid(
  mesh: Mesh,
  radii: Point,
  surface: Surface,
  options: {
    readonly rings?: number;
    readonly segments?: number;
    readonly lumps?: (x: number, y: number) => number;
  } = {},
): void {
  const { rings = 6, segments = 10, lumps } = options;
  const at = (ring: number, segment: number): Point => {
    const polar = (Math.PI * ring) / rings;
    const angle = (2 * Math.PI * (segment % segments)) / segments;
    const swell =
      lumps === undefined ? 1 : lumps(segment % segments, ring === 0 || ring === rings ? -ring : ring);
    const r = Math.sin(polar) * swell;
    return [
      radii[0] * r * Math.sin(angle),
      -radii[1] * swell * Math.cos(polar),
      radii[2] * r * Math.cos(angle),
    ];
  };
  const normalAt = (p: Point): Point => {
    const n = [p[0] / radii[0] ** 2, p[1] / radii[1] ** 2, p[2] / radii[2] ** 2] as const;
    const length = Math.hypot(n[0], n[1], n[2]) || 1;
    return [n[0] / length, n[1] / length, n[2] / length];
  };
  const scale = Math.max(...radii);
  for (let ring = 0; ring < rings; ring++) {
    for (let i = 0; i < segments; i++) {
      const corners = [at(ring, i), at(ring, i + 1), at(ring + 1, i + 1), at(ring + 1, i)] as const;
      const u0 = (scale * 6 * i) / segments;
      const u1 = (scale * 6 * (i + 1)) / segments;
      const v0 = (scale * 3 * ring) / rings;
      const v1 = (scale * 3 * (ring + 1)) / rings;
      if (lumps !== undefined) {
        mesh.patch(corners, surface, [
          [u0, v0],
          [u1, v0],
          [u1, v1],
          [u0, v1],
        ]);
        continue;
      }
      const normals = corners.map(normalAt) as [Point, Point, Point, Point];
      mesh.smoothTriangle(
        [corners[0], corners[1], corners[2]],
        [normals[0], normals[1], normals[2]],
        surface,
        [
          [u0, v0],
          [u1, v0],
          [u1, v1],
        ],
      );
      mesh.smoothTriangle(
        [corners[0], corners[2], corners[3]],
        [normals[0], normals[2], normals[3]],
        surface,
        [
          [u0, v0],
          [u1, v1],
          [u0, v1],
        ],
      );
    }
  }
}

/** A straight bar with a square section between two points. */
export function addBar(mesh: Mesh, from: Point, to: Point, thickness: number, surface: Surface): void {
  const axis = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const;
  const flat = Math.hypot(axis[0], axis[2]);
  const length = Math.hypot(flat, axis[1]);
  if (length < 1e-6) return;
  const side: Point = flat < 1e-6 ? [1, 0, 0] : [axis[2] / flat, 0, -axis[0] / flat];
  const up: Point = [
    (axis[1] * side[2] - axis[2] * side[1]) / length,
    (axis[2] * side[0] - axis[0] * side[2]) / length,
    (axis[0] * side[1] - axis[1] * side[0]) / length,
  ];
  const h = thickness / 2;
  const corner = (base: Point, s: number, t: number): Point => [
    base[0] + h * (s * side[0] + t * up[0]),
    base[1] + h * (s * side[1] + t * up[1]),
    base[2] + h * (s * side[2] + t * up[2]),
  ];
  const around = [
    [1, 1],
    [1, -1],
    [-1, -1],
    [-1, 1],
  ] as const;
  for (let i = 0; i < 4; i++) {
    const [s0, t0] = around[i]!;
    const [s1, t1] = around[(i + 1) % 4]!;
    mesh.quad(corner(from, s0, t0), corner(to, s0, t0), corner(to, s1, t1), corner(from, s1, t1), surface);
  }
}

/** An upright disc that looks to the front, with coordinates from -1 to 1: a clock face, a rose window. */
export function addDisc(mesh: Mesh, radius: number, surface: Surface, segments = 20): void {
  for (let i = 0; i < segments; i++) {
    const a = (2 * Math.PI * i) / segments;
    const b = (2 * Math.PI * (i + 1)) / segments;
    const pa: Uv = [Math.cos(a), Math.sin(a)];
    const pb: Uv = [Math.cos(b), Math.sin(b)];
    mesh.triangle(
      [
        [0, 0, 0],
        [radius * pa[0], radius * pa[1], 0],
        [radius * pb[0], radius * pb[1], 0],
      ],
      surface,
      [[0, 0], pa, pb],
    );
  }
}
