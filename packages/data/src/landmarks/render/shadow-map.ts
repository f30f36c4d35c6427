import type { Mesh, Point } from "../geometry/mesh.ts";
import { unit } from "./camera.ts";

const side = 320;

/** Which points the sun reaches: the scene seen from the sun, as distances. */
export class ShadowMap {
  #nearest = new Float32Array(side * side);
  #right: Point = [1, 0, 0];
  #up: Point = [0, 1, 0];
  #toSun: Point = [0, 0, 1];
  #center: Point = [0, 0, 0];
  #samplesPerMeter = 1;
  #bias = 0.1;

  /** Draws what stands within `radius` of `center`. */
  draw(mesh: Mesh, toSun: Point, center: Point, radius: number): void {
    this.#toSun = toSun;
    this.#right = unit([toSun[2], 0, -toSun[0] || 1e-6]);
    const r = this.#right;
    const s = toSun;
    this.#up = [s[1] * r[2] - s[2] * r[1], s[2] * r[0] - s[0] * r[2], s[0] * r[1] - s[1] * r[0]];
    this.#center = center;
    this.#samplesPerMeter = side / (2 * radius);
    this.#bias = 3.2 / this.#samplesPerMeter;
    this.#nearest.fill(-Infinity);
    for (let triangle = 0; triangle < mesh.count; triangle++) this.#fill(mesh.positions, 9 * triangle);
  }

  /** 1 where the sun shines on the point, 0 in the shadow, between them at its edge. */
  lightAt(x: number, y: number, z: number): number {
    const dx = x - this.#center[0];
    const dy = y - this.#center[1];
    const dz = z - this.#center[2];
    const right = this.#right;
    const up = this.#up;
    const sun = this.#toSun;
    const px = side / 2 + (dx * right[0] + dy * right[1] + dz * right[2]) * this.#samplesPerMeter;
    const py = side / 2 + (dx * up[0] + dy * up[1] + dz * up[2]) * this.#samplesPerMeter;
    if (px < 1 || py < 1 || px >= side - 1 || py >= side - 1) return 1;
    const depth = dx * sun[0] + dy * sun[1] + dz * sun[2] + this.#bias;
    const at = Math.floor(py) * side + Math.floor(px);
    const across = px - Math.floor(px) < 0.5 ? -1 : 1;
    const along = py - Math.floor(py) < 0.5 ? -side : side;
    const nearest = this.#nearest;
    let light = nearest[at]! > depth ? 0 : 0.4;
    if (nearest[at + across]! <= depth) light += 0.3;
    if (nearest[at + along]! <= depth) light += 0.3;
    return light;
  }

  #fill(positions: Float32Array, offset: number): void {
    const right = this.#right;
    const up = this.#up;
    const sun = this.#toSun;
    const center = this.#center;
    const scale = this.#samplesPerMeter;
    const ax = positions[offset]! - center[0];
    const ay = positions[offset + 1]! - center[1];
    const az = positions[offset + 2]! - center[2];
    const bx = positions[offset + 3]! - center[0];
    const by = positions[offset + 4]! - center[1];
    const bz = positions[offset + 5]! - center[2];
    const cx = positions[offset + 6]! - center[0];
    const cy = positions[offset + 7]! - center[1];
    const cz = positions[offset + 8]! - center[2];
    const x0 = side / 2 + (ax * right[0] + ay * right[1] + az * right[2]) * scale;
    const x1 = side / 2 + (bx * right[0] + by * right[1] + bz * right[2]) * scale;
    const x2 = side / 2 + (cx * right[0] + cy * right[1] + cz * right[2]) * scale;
    const y0 = side / 2 + (ax * up[0] + ay * up[1] + az * up[2]) * scale;
    const y1 = side / 2 + (bx * up[0] + by * up[1] + bz * up[2]) * scale;
    const y2 = side / 2 + (cx * up[0] + cy * up[1] + cz * up[2]) * scale;
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    if (Math.abs(area) < 1e-4) return;
    const d0 = ax * sun[0] + ay * sun[1] + az * sun[2];
    const d1 = bx * sun[0] + by * sun[1] + bz * sun[2];
    const d2 = cx * sun[0] + cy * sun[1] + cz * sun[2];
    const stepX = ((d1 - d0) * (y2 - y0) - (d2 - d0) * (y1 - y0)) / area;
    const stepY = ((d2 - d0) * (x1 - x0) - (d1 - d0) * (x2 - x0)) / area;
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - 0.5));
    const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y1, y2) - 0.5));
    for (let y = top; y <= bottom; y++) {
      const center = y + 0.5;
      let left = Infinity;
      let last = -Infinity;
      for (let edge = 0; edge < 3; edge++) {
        const px = edge === 0 ? x0 : edge === 1 ? x1 : x2;
        const py = edge === 0 ? y0 : edge === 1 ? y1 : y2;
        const qx = edge === 0 ? x1 : edge === 1 ? x2 : x0;
        const qy = edge === 0 ? y1 : edge === 1 ? y2 : y0;
        if (py <= center === qy <= center) continue;
        const cut = px + ((center - py) * (qx - px)) / (qy - py);
        if (cut < left) left = cut;
        if (cut > last) last = cut;
      }
      const from = Math.max(0, Math.ceil(left - 0.5));
      const to = Math.min(side - 1, Math.floor(last - 0.5));
      let depth = d0 + stepX * (from + 0.5 - x0) + stepY * (center - y0);
      for (let at = y * side + from; at <= y * side + to; at++) {
        if (depth > this.#nearest[at]!) this.#nearest[at] = depth;
        depth += stepX;
      }
    }
  }
}
