import { fitBays, fitFloors, type Surface } from "../render/surface.ts";

/** x to the right of a viewer at the front, y up, z towards that viewer; metres. */
export type Point = readonly [number, number, number];
/** Texture coordinates in metres. */
export type Uv = readonly [number, number];

/** Where a part stands: a shift, a turn about the vertical (radians) and a size. */
export interface Placement {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly turn?: number;
  readonly size?: number;
}

/** The smallest upright box around some triangles. */
export interface Bounds {
  readonly min: Point;
  readonly max: Point;
}

const startCapacity = 4096;

/** Growing list of textured triangles. Parts are built around their own origin and placed with {@link Mesh.place}. */
export class Mesh {
  /** Nine numbers a triangle. */
  positions: Float32Array = new Float32Array(9 * startCapacity);
  /** Nine numbers a triangle: the normal at each corner. */
  normals: Float32Array = new Float32Array(9 * startCapacity);
  /** Six numbers a triangle. */
  uvs: Float32Array = new Float32Array(6 * startCapacity);
  /** The row of `surfaces` of each triangle. */
  surfaceOf: Uint16Array = new Uint16Array(startCapacity);
  /** Triangles so far. */
  count = 0;
  readonly surfaces: Surface[] = [];
  #rows = new Map<Surface, number>();
  #x = 0;
  #y = 0;
  #z = 0;
  #cosine = 1;
  #sine = 0;
  #size = 1;

  /** Takes all triangles away; the buffers stay. */
  clear(): void {
    this.count = 0;
    this.surfaces.length = 0;
    this.#rows.clear();
  }

  /** Builds a part at a place of the current frame; placements nest. */
  place(placement: Placement, build: () => void): void {
    const { x = 0, y = 0, z = 0, turn = 0, size = 1 } = placement;
    const saved = [this.#x, this.#y, this.#z, this.#cosine, this.#sine, this.#size] as const;
    this.#x = saved[0] + saved[5] * (saved[3] * x + saved[4] * z);
    this.#y = saved[1] + saved[5] * y;
    this.#z = saved[2] + saved[5] * (saved[3] * z - saved[4] * x);
    const cosine = Math.cos(turn);
    const sine = Math.sin(turn);
    this.#cosine = saved[3] * cosine - saved[4] * sine;
    this.#sine = saved[4] * cosine + saved[3] * sine;
    this.#size = saved[5] * size;
    build();
    [this.#x, this.#y, this.#z, this.#cosine, this.#sine, this.#size] = saved;
  }

  /** One triangle with a flat normal. */
  triangle(corners: readonly [Point, Point, Point], surface: Surface, uvs: readonly [Uv, Uv, Uv]): void {
    const [a, b, c] = corners;
    const ux = b[0] - a[0];
    const uy = b[1] - a[1];
    const uz = b[2] - a[2];
    const vx = c[0] - a[0];
    const vy = c[1] - a[1];
    const vz = c[2] - a[2];
    const x = uy * vz - uz * vy;
    const y = uz * vx - ux * vz;
    const z = ux * vy - uy * vx;
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length < 1e-9) return;
    const normal: Point = [x / length, y / length, z / length];
    this.smoothTriangle(corners, [normal, normal, normal], surface, uvs);
  }

  /** One triangle with a normal at each corner. */
  smoothTriangle(
    corners: readonly [Point, Point, Point],
    normals: readonly [Point, Point, Point],
    surface: Surface,
    uvs: readonly [Uv, Uv, Uv],
  ): void {
    if (this.count === this.surfaceOf.length) this.#grow();
    const row = this.count++;
    for (let corner = 0; corner < 3; corner++) {
      this.#writePosition(9 * row + 3 * corner, corners[corner]!);
      this.#writeNormal(9 * row + 3 * corner, normals[corner]!);
      this.uvs[6 * row + 2 * corner] = uvs[corner]![0];
      this.uvs[6 * row + 2 * corner + 1] = uvs[corner]![1];
    }
    this.surfaceOf[row] = this.#rowOf(surface);
  }

  /** A flat face from its lower left corner, counter-clockwise, with metres as texture; windows are fitted to it. */
  quad(a: Point, b: Point, c: Point, d: Point, surface: Surface): void {
    const width = fitBays(distance(a, b), surface.windows);
    const height = fitFloors(Math.max(distance(a, d), distance(b, c)), surface.windows);
    this.patch([a, b, c, d], surface, [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ]);
  }

  /** A face of four corners with its texture coordinates. */
  patch(
    corners: readonly [Point, Point, Point, Point],
    surface: Surface,
    uvs: readonly [Uv, Uv, Uv, Uv],
  ): void {
    this.triangle([corners[0], corners[1], corners[2]], surface, [uvs[0], uvs[1], uvs[2]]);
    this.triangle([corners[0], corners[2], corners[3]], surface, [uvs[0], uvs[2], uvs[3]]);
  }

  /** The box around the triangles from `first` on. */
  bounds(first = 0): Bounds {
    const min: [number, number, number] = [Infinity, Infinity, Infinity];
    const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
    for (let i = 9 * first; i < 9 * this.count; i++) {
      const axis = i % 3;
      min[axis] = Math.min(min[axis]!, this.positions[i]!);
      max[axis] = Math.max(max[axis]!, this.positions[i]!);
    }
    return { min, max };
  }

  #writePosition(offset: number, point: Point): void {
    const [x, y, z] = point;
    this.positions[offset] = this.#x + this.#size * (this.#cosine * x + this.#sine * z);
    this.positions[offset + 1] = this.#y + this.#size * y;
    this.positions[offset + 2] = this.#z + this.#size * (this.#cosine * z - this.#sine * x);
  }

  #writeNormal(offset: number, normal: Point): void {
    const [x, y, z] = normal;
    this.normals[offset] = this.#cosine * x + this.#sine * z;
    this.normals[offset + 1] = y;
    this.normals[offset + 2] = this.#cosine * z - this.#sine * x;
  }

  #rowOf(surface: Surface): number {
    const known = this.#rows.get(surface);
    if (known !== undefined) return known;
    this.surfaces.push(surface);
    this.#rows.set(surface, this.surfaces.length - 1);
    return this.surfaces.length - 1;
  }

  #grow(): void {
    this.positions = doubled(this.positions);
    this.normals = doubled(this.normals);
    this.uvs = doubled(this.uvs);
    const surfaceOf = new Uint16Array(2 * this.surfaceOf.length);
    surfaceOf.set(this.surfaceOf);
    this.surfaceOf = surfaceOf;
  }
}

function doubled(array: Float32Array): Float32Array {
  const result = new Float32Array(2 * array.length);
  result.set(array);
  return result;
}

/** Metres between two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
