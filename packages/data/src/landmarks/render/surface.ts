import type { Color } from "../color.ts";

/** The procedural textures. */
export type SurfaceKind =
  | "plaster"
  | "brick"
  | "ashlar"
  | "rubble"
  | "marble"
  | "stripes"
  | "tiles"
  | "seams"
  | "planks"
  | "shingles"
  | "foliage"
  | "checker"
  | "rose"
  | "clock"
  | "lattice"
  | "fabric"
  | "rock"
  | "coffers"
  | "plain";

/** The shape of a window's head. */
export type WindowHead = "flat" | "round" | "pointed" | "segmental";

/** A grid of windows painted on a wall; lengths are metres, shares are of one bay or one floor. */
export interface Windows {
  readonly bay: number;
  readonly floor: number;
  readonly width: number;
  readonly height: number;
  readonly sill: number;
  readonly head: WindowHead;
  readonly paired: boolean;
  readonly mullions: number;
  readonly transoms: number;
  /** Width of the trim around the opening, as a share of the bay. */
  readonly surround: number;
  /** Height of the band at each floor line, as a share of the floor. */
  readonly course: number;
  /** Every n-th bay is blind; 0 for none. */
  readonly blindEvery: number;
  /** Every n-th floor has round windows instead; 0 for none. */
  readonly oculusEvery: number;
  /** Pilasters between the bays, as a share of the bay. */
  readonly pilaster: number;
  readonly shutters: boolean;
  readonly balcony: boolean;
  readonly frame: Color;
  readonly glass: Color;
  readonly trim: Color;
  readonly shutter: Color;
}

/** What a face is made of. */
export interface Surface {
  readonly kind: SurfaceKind;
  readonly color: Color;
  readonly accent: Color;
  /** Metres per repeat of the texture. */
  readonly scale: number;
  /** Strength of the texture and of its stains, 0 to 1. */
  readonly variation: number;
  /** How much of the sky it mirrors, 0 to 1. */
  readonly gloss: number;
  /** How much light it gives by itself, at night only if negative. */
  readonly glow: number;
  /** A number that some textures read: petals of a rose window, hours on a clock. */
  readonly detail: number;
  readonly windows: Windows | null;
}

/** A surface of one colour, with the given differences. */
export function createSurface(kind: SurfaceKind, color: Color, changes: Partial<Surface> = {}): Surface {
  return {
    kind,
    color,
    accent: [color[0] * 0.55, color[1] * 0.55, color[2] * 0.55],
    scale: 1,
    variation: 0.5,
    gloss: 0,
    glow: 0,
    detail: 8,
    windows: null,
    ...changes,
  };
}

/** The same wall with a grid of windows. */
export function withWindows(surface: Surface, windows: Windows | null): Surface {
  return { ...surface, windows };
}

/** The metres of texture on a wall of this length: a whole number of bays, so that no window is cut. */
export function fitBays(length: number, windows: Windows | null): number {
  return windows === null ? length : Math.max(1, Math.round(length / windows.bay)) * windows.bay;
}

/** The metres of texture on a wall of this height: a whole number of floors. */
export function fitFloors(height: number, windows: Windows | null): number {
  return windows === null ? height : Math.max(1, Math.round(height / windows.floor)) * windows.floor;
}
