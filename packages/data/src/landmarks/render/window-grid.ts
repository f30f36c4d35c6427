import { latticeNoise } from "./noise.ts";
import type { Windows } from "./surface.ts";

/** What {@link sampleWindows} found: bare wall, one of the parts of a window, or the trim around it. */
export type WindowPart = "wall" | "glass" | "frame" | "trim" | "shutter" | "shade";

/** A number of the window that was hit last, the same all over it; read after {@link sampleWindows}. */
export function lastWindow(): number {
  return lastHit;
}

let lastHit = 0;

/** Which part of a window grid lies at `u`, `v` metres from the wall's lower left corner. */
export function sampleWindows(windows: Windows, u: number, v: number): WindowPart {
  const column = Math.floor(u / windows.bay);
  const row = Math.floor(v / windows.floor);
  const across = u / windows.bay - column;
  const up = v / windows.floor - row;
  if (up < windows.course || (windows.balcony && up > 0.97)) return "trim";
  if (windows.pilaster > 0 && Math.min(across, 1 - across) < windows.pilaster * 0.5) return "trim";
  if (windows.blindEvery > 0 && (column + row) % windows.blindEvery === windows.blindEvery - 1) return "wall";

  let x = across - 0.5;
  let halfWidth = windows.width * 0.5;
  if (windows.paired) {
    halfWidth *= 0.44;
    x = Math.abs(x) - windows.width * 0.27;
  }
  lastHit = latticeNoise(column * 2 + (windows.paired && across > 0.5 ? 1 : 0), row + 977);
  if (windows.oculusEvery > 0 && row % windows.oculusEvery === windows.oculusEvery - 1) {
    return sampleOculus(windows, x, up);
  }
  return sampleOpening(windows, x, up, halfWidth);
}

function sampleOpening(windows: Windows, x: number, up: number, halfWidth: number): WindowPart {
  const width = Math.abs(x) * windows.bay;
  const half = halfWidth * windows.bay;
  const margin = windows.surround * windows.bay;
  const bottom = windows.sill * windows.floor;
  const top = (windows.sill + windows.height) * windows.floor - headDrop(windows, width, half);
  const y = up * windows.floor;
  if (width < half && y > bottom && y < top) {
    const reveal = Math.min(0.35, half * 0.35);
    if (top - y < reveal) return "shade";
    if (windows.balcony && y - bottom < windows.floor * 0.16) return "trim";
    return samplePanes(windows, x, y - bottom, halfWidth);
  }
  const outerTop =
    (windows.sill + windows.height) * windows.floor - headDrop(windows, width, half + margin) + margin;
  if (width < half + margin && y > bottom - margin && y < outerTop) return "trim";
  if (
    windows.shutters &&
    width < half * 1.9 &&
    y > bottom &&
    y < (windows.sill + windows.height) * windows.floor
  ) {
    return "shutter";
  }
  return "wall";
}

/** How far below the crown the opening ends at this distance from its axis, in metres. */
function headDrop(windows: Windows, width: number, half: number): number {
  if (windows.head === "flat" || width >= half) return 0;
  if (windows.head === "round") return half - Math.sqrt(half * half - width * width);
  if (windows.head === "segmental") return 0.35 * half * (width / half) ** 2;
  const reach = half + width;
  return 1.732 * half - Math.sqrt(Math.max(0, 4 * half * half - reach * reach));
}

function samplePanes(windows: Windows, x: number, y: number, halfWidth: number): WindowPart {
  const across = ((x + halfWidth) / (2 * halfWidth)) * (windows.mullions + 1);
  const up = (y / (windows.height * windows.floor)) * (windows.transoms + 1);
  const nearMullion = windows.mullions > 0 && Math.abs(across - Math.round(across)) < 0.11;
  const nearTransom = windows.transoms > 0 && Math.abs(up - Math.round(up)) < 0.09;
  return nearMullion || nearTransom ? "frame" : "glass";
}

function sampleOculus(windows: Windows, x: number, up: number): WindowPart {
  const dx = x * windows.bay;
  const dy = (up - 0.5) * windows.floor;
  const radius = 0.3 * Math.min(windows.bay, windows.floor);
  const distance = Math.sqrt(dx * dx + dy * dy);
  if (distance < radius)
    return Math.abs(dx) < radius * 0.1 || Math.abs(dy) < radius * 0.1 ? "frame" : "glass";
  return distance < radius * 1.3 ? "trim" : "wall";
}
