import { type Color, mixColors, scaleColor } from "../color.ts";
import type { Point } from "../geometry/mesh.ts";
import { chance, pickWeighted, type Random, range } from "../random.ts";
import { unit } from "./camera.ts";
import type { TextureMood } from "./texture.ts";

/** The weathers and times of day a photo can be taken in. */
export type Condition =
  | "clear"
  | "scattered"
  | "overcast"
  | "golden"
  | "backlit"
  | "dusk"
  | "night"
  | "fog"
  | "rain"
  | "snow";

/** The light of one photo. */
export interface Light {
  readonly condition: Condition;
  /** Direction to the sun, or to the floodlights by night. */
  readonly toSun: Point;
  readonly sun: Color;
  /** Light from above and from below. */
  readonly fromSky: Color;
  readonly fromGround: Color;
  readonly zenith: Color;
  readonly horizon: Color;
  /** What the sky adds around the sun. */
  readonly glow: Color;
  readonly cloudCover: number;
  readonly cloudScale: number;
  readonly cloudShift: readonly [number, number];
  readonly cloud: Color;
  readonly stars: number;
  readonly haze: Color;
  /** Share of the light that still arrives from the landmark. */
  readonly clarity: number;
  /** 0 to 1: how white the upward faces are, how dark and shiny the ground is. */
  readonly snow: number;
  readonly wet: number;
  /** Light from lamps at the foot of the landmark. */
  readonly flood: Color;
  readonly mood: TextureMood;
}

const weights: Readonly<Record<Condition, number>> = {
  clear: 0.28,
  scattered: 0.23,
  overcast: 0.16,
  golden: 0.1,
  backlit: 0.05,
  dusk: 0.05,
  night: 0.05,
  fog: 0.03,
  rain: 0.03,
  snow: 0.02,
};

/**
 * The light of a random photo; `facing` is the direction from the landmark to the camera, `coldness` 0 to 1,
 * `strain` how much more often than usual the sky is neither clear nor scattered with clouds.
 */
export function createLight(random: Random, facing: number, coldness: number, strain = 1): Light {
  const condition = pickWeighted(random, strainedWeights(coldness, strain));
  const sky = skies[condition](random);
  const behind = condition === "backlit" || condition === "golden" ? (chance(random, 0.5) ? Math.PI : 0) : 0;
  const azimuth = facing + behind + range(random, -1.5, 1.5);
  const height = sky.sunHeight;
  const toSun = unit([
    Math.sin(azimuth) * Math.cos(height),
    Math.sin(height),
    Math.cos(azimuth) * Math.cos(height),
  ]);
  const snow =
    condition === "snow"
      ? range(random, 0.6, 1)
      : chance(random, 0.14 * coldness)
        ? range(random, 0.3, 0.9)
        : 0;
  return {
    condition,
    toSun,
    cloudScale: range(random, 0.7, 2.2),
    cloudShift: [range(random, 0, 300), range(random, 0, 300)],
    snow,
    wet: condition === "rain" ? range(random, 0.5, 1) : 0,
    ...sky,
  };
}

function strainedWeights(coldness: number, strain: number): Record<Condition, number> {
  const result: Record<Condition, number> = { ...weights, snow: weights.snow + 0.05 * coldness };
  for (const condition of Object.keys(result) as Condition[]) {
    if (condition !== "clear" && condition !== "scattered") result[condition] *= strain;
  }
  return result;
}

type Sky = Omit<Light, "condition" | "toSun" | "cloudScale" | "cloudShift" | "snow" | "wet"> & {
  readonly sunHeight: number;
};

const white: Color = [1, 1, 1];
const black: Color = [0, 0, 0];
const lampColor: Color = [1, 0.72, 0.4];

/** The sky of daylight, from which the other skies differ. */
function day(random: Random, cover: number): Sky {
  const blue = mixColors([0.08, 0.2, 0.55], [0.2, 0.36, 0.6], random());
  const horizon = mixColors([0.5, 0.62, 0.75], [0.72, 0.76, 0.78], random());
  const strength = range(random, 2, 3.2);
  return {
    sunHeight: range(random, 0.35, 1.2),
    sun: scaleColor([1, range(random, 0.88, 0.97), range(random, 0.74, 0.92)], strength * (1 - 0.4 * cover)),
    fromSky: scaleColor(mixColors([0.35, 0.45, 0.65], [0.6, 0.62, 0.66], cover), 0.62),
    fromGround: [0.2, 0.18, 0.15],
    zenith: mixColors(blue, horizon, 0.3 * cover),
    horizon,
    glow: [0.35, 0.3, 0.22],
    cloudCover: cover,
    cloud: scaleColor(white, range(random, 0.75, 0.95)),
    stars: 0,
    haze: horizon,
    clarity: range(random, 0.9, 0.985),
    flood: black,
    mood: { litWindows: 0.03, litSeed: random(), lamps: 0.2 },
  };
}

/** A sky of one grey. */
function gray(random: Random, level: number): Sky {
  const tone = scaleColor([0.92, 0.96, 1], level);
  return {
    ...day(random, 1),
    sun: scaleColor([1, 0.98, 0.95], level * range(random, 0.15, 0.6)),
    sunHeight: range(random, 0.7, 1.3),
    fromSky: scaleColor([0.9, 0.95, 1.02], level * 0.95),
    zenith: scaleColor(tone, range(random, 0.65, 0.95)),
    horizon: tone,
    glow: [0.05, 0.05, 0.05],
    cloud: scaleColor(tone, range(random, 0.6, 1.1)),
    cloudCover: range(random, 0.4, 0.9),
    haze: tone,
    clarity: range(random, 0.8, 0.96),
    mood: { litWindows: range(random, 0, 0.2), litSeed: random(), lamps: 0.35 },
  };
}

const skies: Readonly<Record<Condition, (random: Random) => Sky>> = {
  clear: (random) => day(random, range(random, 0, 0.15)),
  scattered: (random) => day(random, range(random, 0.3, 0.65)),
  overcast: (random) => gray(random, range(random, 0.5, 0.85)),
  golden: (random) => ({
    ...day(random, range(random, 0, 0.5)),
    sunHeight: range(random, 0.1, 0.3),
    sun: [2.2, range(random, 1, 1.4), range(random, 0.35, 0.75)],
    fromSky: [0.32, 0.34, 0.45],
    zenith: [0.14, 0.24, 0.45],
    horizon: [0.85, range(random, 0.5, 0.65), range(random, 0.3, 0.45)],
    glow: [0.9, 0.5, 0.2],
    cloud: [0.95, 0.65, 0.5],
    haze: [0.7, 0.52, 0.38],
    clarity: range(random, 0.85, 0.96),
  }),
  backlit: (random) => ({
    ...day(random, range(random, 0, 0.4)),
    sunHeight: range(random, 0.2, 0.6),
    fromSky: [0.3, 0.36, 0.48],
    horizon: [0.9, 0.86, 0.78],
    glow: [1, 0.9, 0.7],
    clarity: range(random, 0.75, 0.92),
  }),
  dusk: (random) => {
    const warm = random();
    return {
      ...day(random, range(random, 0.1, 0.6)),
      sunHeight: range(random, 0.3, 0.7),
      sun: [0.12, 0.13, 0.2],
      fromSky: [0.13, 0.17, 0.32],
      fromGround: [0.05, 0.05, 0.06],
      zenith: [0.02, 0.05, 0.17],
      horizon: mixColors([0.12, 0.2, 0.42], [0.75, 0.3, 0.2], warm),
      glow: scaleColor([0.5, 0.2, 0.1], warm),
      cloud: mixColors([0.12, 0.14, 0.25], [0.55, 0.25, 0.25], warm),
      haze: [0.12, 0.15, 0.26],
      stars: 0.15,
      flood: scaleColor(lampColor, range(random, 0.1, 0.6)),
      mood: { litWindows: range(random, 0.15, 0.6), litSeed: random(), lamps: 1 },
    };
  },
  night: (random) => ({
    ...day(random, range(random, 0, 0.5)),
    sunHeight: range(random, 0.4, 1),
    sun: [0.03, 0.035, 0.05],
    fromSky: [0.02, 0.025, 0.045],
    fromGround: [0.03, 0.022, 0.014],
    zenith: [0.003, 0.004, 0.012],
    horizon: mixColors([0.01, 0.015, 0.035], [0.08, 0.05, 0.03], random()),
    glow: black,
    cloud: [0.03, 0.025, 0.022],
    haze: [0.015, 0.015, 0.022],
    stars: 1,
    flood: scaleColor(mixColors(lampColor, [0.6, 0.75, 1], random() ** 2), range(random, 0.35, 1.1)),
    mood: { litWindows: range(random, 0.1, 0.7), litSeed: random(), lamps: 1 },
  }),
  fog: (random) => {
    const sky = gray(random, range(random, 0.5, 0.8));
    return { ...sky, zenith: sky.horizon, cloudCover: 0.1, clarity: range(random, 0.42, 0.7) };
  },
  rain: (random) => ({ ...gray(random, range(random, 0.25, 0.5)), clarity: range(random, 0.7, 0.9) }),
  snow: (random) => ({ ...gray(random, range(random, 0.55, 0.85)), clarity: range(random, 0.65, 0.92) }),
};
