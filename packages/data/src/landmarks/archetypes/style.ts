import { type Color, colorFromHex, mixColors, scaleColor } from "../color.ts";
import {
  createSurface,
  type Surface,
  type SurfaceKind,
  type WindowHead,
  type Windows,
} from "../render/surface.ts";
import type { Traits } from "../traits.ts";

/** The materials of one landmark. */
export interface Style {
  readonly wall: Surface;
  /** A second wall, for plinths, towers or upper floors. */
  readonly wall2: Surface;
  readonly trim: Surface;
  readonly roof: Surface;
  /** The roof of the showpiece: domes, spires, lanterns. */
  readonly crown: Surface;
  readonly metal: Surface;
  /** The dark inside of gates and arches. */
  readonly dark: Surface;
}

const wallColors: readonly string[] = [
  "#d9c7a0",
  "#c8b48a",
  "#e6ddc8",
  "#b9b2a4",
  "#8e8a83",
  "#a9573d",
  "#8a3f2e",
  "#c98f5b",
  "#e8e4da",
  "#e2b7a0",
  "#e3cf8b",
  "#b7c9b0",
  "#a9bccb",
  "#d8a94f",
  "#6d675f",
  "#c7c3ba",
  "#9c7f62",
  "#f1eee6",
  "#b06a57",
];
const roofColors: readonly string[] = [
  "#4a4e55",
  "#6b6f76",
  "#a4522f",
  "#b86a3f",
  "#5d3a2c",
  "#6fa08a",
  "#3f5d55",
  "#7d7a70",
  "#8a3b30",
  "#35404d",
];
const crownColors: readonly string[] = [
  "#7fb3a0",
  "#d2a93c",
  "#5c6a78",
  "#ad5531",
  "#e8e4da",
  "#3f6f9a",
  "#3f7d57",
  "#8d8f93",
  "#2f3a45",
  "#b9b2a4",
];

/** The materials that a landmark's traits choose. */
export function createStyle(traits: Traits): Style {
  const wallColor = varied(traits, "wall", wallColors);
  const trimColor = traits.chance("lightTrim", 0.7)
    ? mixColors(wallColor, [0.85, 0.82, 0.75], 0.65)
    : scaleColor(wallColor, 0.45);
  const wall = createWall(traits.within("wall"), wallColor, trimColor);
  return {
    wall,
    wall2: createWall(traits.within("wall2"), varied(traits, "wall2", wallColors), trimColor),
    trim: createSurface("plaster", trimColor, { variation: 0.4 }),
    roof: createSurface(
      traits.pick("roofKind", ["tiles", "tiles", "seams", "shingles"]),
      varied(traits, "roof", roofColors),
      {
        scale: traits.range("roofScale", 0.7, 1.6),
      },
    ),
    crown: createSurface(
      traits.pick("crownKind", ["seams", "plaster", "tiles", "lattice", "stripes"]),
      varied(traits, "crown", crownColors),
      {
        scale: traits.range("crownScale", 1, 2.6),
        accent: varied(traits, "crown2", crownColors),
        gloss: 0.08,
      },
    ),
    metal: createSurface(
      "plain",
      traits.pick("metal", [
        [0.3, 0.32, 0.34],
        [0.12, 0.16, 0.15],
        [0.5, 0.16, 0.08],
        [0.62, 0.62, 0.6],
        [0.1, 0.22, 0.18],
      ]),
      { gloss: 0.12 },
    ),
    dark: createSurface("plain", scaleColor(wallColor, 0.35)),
  };
}

function varied(traits: Traits, name: string, palette: readonly string[]): Color {
  const color = colorFromHex(traits.pick(`${name}Color`, palette));
  const gain = traits.range(`${name}Gain`, 0.75, 1.15);
  return [color[0] * gain, color[1] * gain * traits.range(`${name}Green`, 0.95, 1.05), color[2] * gain];
}

function createWall(traits: Traits, color: Color, trim: Color): Surface {
  const kinds: readonly SurfaceKind[] = [
    "plaster",
    "plaster",
    "brick",
    "brick",
    "ashlar",
    "ashlar",
    "ashlar",
    "rubble",
    "stripes",
    "marble",
    "checker",
  ];
  const kind = traits.pick("kind", kinds);
  const strong = kind === "stripes" || kind === "checker";
  return createSurface(kind, color, {
    scale: strong ? traits.range("band", 1.2, 3.4) : traits.range("scale", 0.8, 2.2),
    variation: kind === "stripes" ? traits.range("share", 0.25, 0.6) : traits.range("variation", 0.3, 0.9),
    accent: strong ? mixColors(color, trim, 0.9) : scaleColor(color, traits.range("joint", 0.45, 1.25)),
  });
}

/** What a facade needs to know beyond the taste of the landmark. */
export interface FacadeNeeds {
  readonly bay?: readonly [number, number];
  readonly floor?: readonly [number, number];
  readonly heads?: readonly WindowHead[];
}

/** A grid of windows in the taste of a landmark. */
export function createWindows(traits: Traits, style: Style, needs: FacadeNeeds = {}): Windows {
  const bay = traits.range("bay", ...(needs.bay ?? ([2.6, 5] as const)));
  const floor = traits.range("floor", ...(needs.floor ?? ([3.2, 5.2] as const)));
  const head = traits.pick(
    "head",
    needs.heads ?? (["flat", "flat", "round", "pointed", "segmental"] as const),
  );
  return {
    bay,
    floor,
    head,
    width: traits.range("width", 0.28, 0.66),
    height: traits.range("height", 0.42, 0.72),
    sill: traits.range("sill", 0.14, 0.24),
    paired: traits.chance("paired", 0.25),
    mullions: traits.integer("mullions", 0, 2),
    transoms: traits.integer("transoms", 0, 3),
    surround: traits.chance("hasSurround", 0.65) ? traits.range("surround", 0.03, 0.09) : 0,
    course: traits.chance("hasCourse", 0.6) ? traits.range("course", 0.04, 0.12) : 0,
    blindEvery: traits.chance("blind", 0.2) ? traits.integer("blindEvery", 2, 4) : 0,
    oculusEvery: traits.chance("oculi", 0.15) ? traits.integer("oculusEvery", 2, 3) : 0,
    pilaster: traits.chance("hasPilaster", 0.35) ? traits.range("pilaster", 0.08, 0.2) : 0,
    shutters: traits.chance("shutters", 0.12),
    balcony: traits.chance("balcony", 0.12),
    frame: traits.pick("frame", [
      [0.75, 0.73, 0.68],
      [0.12, 0.1, 0.08],
      [0.25, 0.12, 0.06],
      [0.1, 0.2, 0.16],
    ] as const),
    glass: traits.pick("glass", [
      [0.02, 0.025, 0.03],
      [0.03, 0.05, 0.07],
      [0.05, 0.05, 0.045],
    ] as const),
    trim: style.trim.color,
    shutter: traits.pick("shutter", [
      [0.06, 0.2, 0.12],
      [0.08, 0.14, 0.28],
      [0.3, 0.08, 0.05],
      [0.3, 0.24, 0.16],
    ] as const),
  };
}

/** The glass skin of a modern tower. */
export function createCurtainWall(traits: Traits): Surface {
  const tint = traits.pick("tint", [
    [0.05, 0.09, 0.13],
    [0.04, 0.1, 0.1],
    [0.12, 0.09, 0.05],
    [0.03, 0.04, 0.05],
    [0.15, 0.2, 0.24],
  ] as const);
  const metal = traits.pick("fins", [
    [0.55, 0.56, 0.58],
    [0.08, 0.08, 0.09],
    [0.7, 0.68, 0.62],
    [0.35, 0.2, 0.1],
  ] as const);
  const vertical = traits.chance("vertical", 0.5);
  return createSurface("plain", metal, {
    gloss: 0.2,
    windows: {
      bay: traits.range("bay", 2.4, 7),
      floor: traits.range("floor", 3.4, 8),
      width: vertical ? traits.range("narrow", 0.45, 0.75) : traits.range("wide", 0.86, 0.98),
      height: vertical ? 0.98 : traits.range("strip", 0.45, 0.8),
      sill: vertical ? 0.01 : 0.12,
      head: "flat",
      paired: false,
      mullions: traits.integer("mullions", 0, 2),
      transoms: traits.integer("transoms", 0, 1),
      surround: 0,
      course: vertical ? 0 : traits.range("course", 0.05, 0.2),
      blindEvery: traits.chance("blind", 0.2) ? traits.integer("blindEvery", 3, 6) : 0,
      oculusEvery: 0,
      pilaster: vertical ? traits.range("pilaster", 0.1, 0.3) : 0,
      shutters: false,
      balcony: false,
      frame: metal,
      glass: tint,
      trim: metal,
      shutter: metal,
    },
  });
}
