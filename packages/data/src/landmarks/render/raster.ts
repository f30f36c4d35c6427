import type { Mesh } from "../geometry/mesh.ts";
import type { Camera } from "./camera.ts";

/** Numbers kept for a triangle on the image: planes of 1/z, u/z, v/z and of the three parts of the normal over z. */
export const planeStride = 18;

const near = 0.25;
const vertexStride = 8;

/** Says at each sample which triangle is seen; materials are looked up afterwards, once a sample. */
export class Raster {
  width = 0;
  height = 0;
  /** 1/z of what is seen, 0 where nothing is. */
  inverseDepth: Float32Array = new Float32Array(0);
  /** The row of `planes` of what is seen; -1 where nothing is. */
  visible: Int32Array = new Int32Array(0);
  planes: Float64Array = new Float64Array(planeStride * 4096);
  /** The triangle of the mesh for each row of `planes`. */
  triangleOf: Int32Array = new Int32Array(4096);
  /** 1 where the normal differs from corner to corner. */
  isSmooth: Uint8Array = new Uint8Array(4096);
  #count = 0;
  #corners = new Float64Array(vertexStride * 3);
  #clipped = new Float64Array(vertexStride * 4);
  #screenX = new Float64Array(4);
  #screenY = new Float64Array(4);
  #screenW = new Float64Array(4);

  /** Empties the image and sets its size in samples. */
  reset(width: number, height: number): void {
    if (this.inverseDepth.length < width * height) {
      this.inverseDepth = new Float32Array(width * height);
      this.visible = new Int32Array(width * height);
    }
    this.inverseDepth.fill(0, 0, width * height);
    this.visible.fill(-1, 0, width * height);
    this.width = width;
    this.height = height;
    this.#count = 0;
  }

  /** Draws every triangle of a mesh. */
  draw(mesh: Mesh, camera: Camera): void {
    for (let triangle = 0; triangle < mesh.count; triangle++) {
      const behind = this.#toCamera(mesh, triangle, camera);
      if (behind === 3) continue;
      const corners = behind === 0 ? 3 : this.#clip();
      const source = behind === 0 ? this.#corners : this.#clipped;
      const smooth = isSmooth(mesh.normals, 9 * triangle);
      this.#project(source, corners, camera);
      for (let i = 1; i + 1 < corners; i++) this.#fill(source, i, triangle, smooth);
    }
  }

  /** Fills the corner buffer in camera coordinates; returns how many corners are behind the near plane. */
  #toCamera(mesh: Mesh, triangle: number, camera: Camera): number {
    const { position, right, up, forward } = camera;
    const corners = this.#corners;
    const { positions, uvs, normals } = mesh;
    let behind = 0;
    for (let i = 0; i < 3; i++) {
      const from = 9 * triangle + 3 * i;
      const to = vertexStride * i;
      const x = positions[from]! - position[0];
      const y = positions[from + 1]! - position[1];
      const z = positions[from + 2]! - position[2];
      const depth = x * forward[0] + y * forward[1] + z * forward[2];
      corners[to] = x * right[0] + y * right[1] + z * right[2];
      corners[to + 1] = x * up[0] + y * up[1] + z * up[2];
      corners[to + 2] = depth;
      corners[to + 3] = uvs[6 * triangle + 2 * i]!;
      corners[to + 4] = uvs[6 * triangle + 2 * i + 1]!;
      corners[to + 5] = normals[from]!;
      corners[to + 6] = normals[from + 1]!;
      corners[to + 7] = normals[from + 2]!;
      if (depth < near) behind += 1;
    }
    return behind;
  }

  /** Cuts the corner buffer at the near plane; returns how many corners are left. */
  #clip(): number {
    const corners = this.#corners;
    const clipped = this.#clipped;
    let count = 0;
    for (let i = 0; i < 3; i++) {
      const a = vertexStride * i;
      const b = vertexStride * ((i + 1) % 3);
      const za = corners[a + 2]!;
      const zb = corners[b + 2]!;
      if (za >= near) {
        for (let k = 0; k < vertexStride; k++) clipped[vertexStride * count + k] = corners[a + k]!;
        count += 1;
      }
      if (za >= near !== zb >= near) {
        const t = (near - za) / (zb - za);
        for (let k = 0; k < vertexStride; k++) {
          clipped[vertexStride * count + k] = corners[a + k]! + t * (corners[b + k]! - corners[a + k]!);
        }
        count += 1;
      }
    }
    return count;
  }

  #project(source: Float64Array, corners: number, camera: Camera): void {
    for (let i = 0; i < corners; i++) {
      const w = 1 / source[vertexStride * i + 2]!;
      this.#screenW[i] = w;
      this.#screenX[i] = camera.centerX + camera.focal * source[vertexStride * i]! * w;
      this.#screenY[i] = camera.centerY - camera.focal * source[vertexStride * i + 1]! * w;
    }
  }

  /** Draws the triangle of corners 0, `second` and `second + 1` of the projected polygon. */
  #fill(source: Float64Array, second: number, triangle: number, smooth: boolean): void {
    const third = second + 1;
    const x0 = this.#screenX[0]!;
    const y0 = this.#screenY[0]!;
    const x1 = this.#screenX[second]!;
    const y1 = this.#screenY[second]!;
    const x2 = this.#screenX[third]!;
    const y2 = this.#screenY[third]!;
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    if (Math.abs(area) < 1e-6) return;
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - 0.5));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(y0, y1, y2) - 0.5));
    if (top > bottom || Math.max(x0, x1, x2) < 0 || Math.min(x0, x1, x2) > this.width) return;

    const row = this.#nextRow();
    this.triangleOf[row] = triangle;
    this.isSmooth[row] = smooth ? 1 : 0;
    const planes = this.planes;
    const w0 = this.#screenW[0]!;
    const w1 = this.#screenW[second]!;
    const w2 = this.#screenW[third]!;
    for (let k = 0; k < (smooth ? 6 : 3); k++) {
      const a0 = k === 0 ? w0 : w0 * source[2 + k]!;
      const a1 = k === 0 ? w1 : w1 * source[vertexStride * second + 2 + k]!;
      const a2 = k === 0 ? w2 : w2 * source[vertexStride * third + 2 + k]!;
      const dx = ((a1 - a0) * (y2 - y0) - (a2 - a0) * (y1 - y0)) / area;
      const dy = ((a2 - a0) * (x1 - x0) - (a1 - a0) * (x2 - x0)) / area;
      planes[planeStride * row + 3 * k] = dx;
      planes[planeStride * row + 3 * k + 1] = dy;
      planes[planeStride * row + 3 * k + 2] = a0 - dx * x0 - dy * y0;
    }
    const { width, inverseDepth, visible } = this;
    const stepX = planes[planeStride * row]!;
    const stepY = planes[planeStride * row + 1]!;
    const start = planes[planeStride * row + 2]!;
    for (let y = top; y <= bottom; y++) {
      const center = y + 0.5;
      let left = Infinity;
      let right = -Infinity;
      for (let edge = 0; edge < 3; edge++) {
        const ax = edge === 0 ? x0 : edge === 1 ? x1 : x2;
        const ay = edge === 0 ? y0 : edge === 1 ? y1 : y2;
        const bx = edge === 0 ? x1 : edge === 1 ? x2 : x0;
        const by = edge === 0 ? y1 : edge === 1 ? y2 : y0;
        if (ay <= center === by <= center) continue;
        const cut = ax + ((center - ay) * (bx - ax)) / (by - ay);
        if (cut < left) left = cut;
        if (cut > right) right = cut;
      }
      const first = Math.max(0, Math.ceil(left - 0.5));
      const last = Math.min(width - 1, Math.ceil(right - 0.5) - 1);
      let value = start + stepX * (first + 0.5) + stepY * center;
      for (let at = y * width + first; at <= y * width + last; at++) {
        if (value > inverseDepth[at]!) {
          inverseDepth[at] = value;
          visible[at] = row;
        }
        value += stepX;
      }
    }
  }

  #nextRow(): number {
    if (this.#count === this.triangleOf.length) {
      const planes = new Float64Array(2 * this.planes.length);
      planes.set(this.planes);
      this.planes = planes;
      const triangleOf = new Int32Array(2 * this.triangleOf.length);
      triangleOf.set(this.triangleOf);
      this.triangleOf = triangleOf;
      const smooth = new Uint8Array(2 * this.isSmooth.length);
      smooth.set(this.isSmooth);
      this.isSmooth = smooth;
    }
    return this.#count++;
  }
}

function isSmooth(normals: Float32Array, offset: number): boolean {
  for (let k = 0; k < 3; k++) {
    const first = normals[offset + k];
    if (first !== normals[offset + 3 + k] || first !== normals[offset + 6 + k]) return true;
  }
  return false;
}
