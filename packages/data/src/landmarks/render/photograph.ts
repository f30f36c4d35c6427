import { chance, createRandom, normal, type Random, range } from "../random.ts";
import type { Film } from "./exposure.ts";

/** What a camera and its owner do to the light: everything of a photo that is not the scene. */
export interface Look {
  /** Brightness that the exposure aims at, 0 to 1. */
  readonly key: number;
  /** How far the exposure follows the scene, 0 to 1. */
  readonly adaptation: number;
  readonly gains: readonly [number, number, number];
  /** 0 is gray, 1 as it is. */
  readonly saturation: number;
  readonly contrast: number;
  /** Colours of the shadows and the lights of a toned photo. */
  readonly tone: readonly [number, number, number] | null;
  readonly vignette: number;
  /** Deviation of the grain, in 8-bit steps. */
  readonly noise: number;
  /** Deviation of the blur, in pixels. */
  readonly blur: number;
  /** Length of the streaks of rain or size of the flakes of snow, 0 for none. */
  readonly streaks: number;
  readonly flakes: number;
  readonly seed: string;
}

/** A random look; under more strain more photos are dark, grainy or blurred. */
export function createLook(
  random: Random,
  seed: string,
  scene: { readonly rain: boolean; readonly snow: boolean; readonly strain: number },
): Look {
  const { rain, snow, strain } = scene;
  const warmth = normal(random) * 0.1;
  const green = normal(random) * 0.035;
  const filter = random();
  return {
    key: 0.27 * 2 ** (normal(random) * 0.35 * Math.sqrt(strain)),
    adaptation: range(random, 0.7, 0.95),
    gains: [Math.exp(warmth), Math.exp(green), Math.exp(-warmth)],
    saturation: filter < 0.05 ? 0 : range(random, 0.7, 1.4),
    contrast: range(random, 1.05, 1.5),
    tone: filter < 0.08 && filter > 0.05 ? [1.12, 1, range(random, 0.65, 0.85)] : null,
    vignette: chance(random, 0.3) ? range(random, 0.15, 0.6) : 0,
    noise: chance(random, Math.min(0.9, 0.15 * strain)) ? range(random, 4, 9) : range(random, 0.5, 2.5),
    blur: chance(random, Math.min(0.9, 0.14 * strain)) ? range(random, 0.35, 0.9) : 0,
    streaks: rain ? range(random, 6, 18) : 0,
    flakes: snow ? range(random, 0.6, 1.8) : 0,
    seed,
  };
}

const curveSteps = 2048;
const curveEnd = 8;

/** Turns the light on a film into an 8-bit RGB image. */
export function photograph(film: Film, look: Look): Uint8Array {
  const { width, height, light } = film;
  const random = createRandom(look.seed, "grain");
  if (look.streaks > 0) addRain(film, look.streaks, random);
  if (look.flakes > 0) addSnow(film, look.flakes, random);
  if (look.blur > 0) blur(film, look.blur);
  const exposure =
    look.key / Math.max(0.004, meanLight(film)) ** look.adaptation / 0.27 ** (1 - look.adaptation);
  const curve = toneCurve(look.contrast);
  const image = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const dx = (2 * x) / width - 1;
      const dy = (2 * y) / height - 1;
      const gain = exposure * (1 - look.vignette * 0.5 * (dx * dx + dy * dy));
      const r = light[at]! * gain * look.gains[0];
      const g = light[at + 1]! * gain * look.gains[1];
      const b = light[at + 2]! * gain * look.gains[2];
      const gray = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      const grain = look.noise * (random() + random() + random() - 1.5) * 2;
      const tone = look.tone;
      const r2 = tone === null ? gray + (r - gray) * look.saturation : gray * tone[0];
      const g2 = tone === null ? gray + (g - gray) * look.saturation : gray * tone[1];
      const b2 = tone === null ? gray + (b - gray) * look.saturation : gray * tone[2];
      image[at] = byte(curve, r2, grain);
      image[at + 1] = byte(curve, g2, grain);
      image[at + 2] = byte(curve, b2, grain);
    }
  }
  return image;
}

function byte(curve: Float32Array, value: number, grain: number): number {
  const step = value <= 0 ? 0 : Math.min(curveSteps - 1, ((value / curveEnd) ** 0.5 * curveSteps) | 0);
  const level = curve[step]! + grain;
  return Math.min(255, Math.max(0, level));
}

/** 8-bit levels of linear light: a soft shoulder and the usual gamma; steps are spaced by the square root. */
function toneCurve(contrast: number): Float32Array {
  const curve = new Float32Array(curveSteps);
  for (let i = 0; i < curveSteps; i++) {
    const value = curveEnd * ((i + 0.5) / curveSteps) ** 2;
    const shoulder = (value * (1 + value / 9)) / (1 + value * 0.75);
    const display = Math.min(1, shoulder) ** (1 / 2.2);
    const pivot = 0.46;
    curve[i] = 255 * Math.min(1, Math.max(0, pivot + (display - pivot) * contrast));
  }
  return curve;
}

function meanLight(film: Film): number {
  const { light, width, height } = film;
  let sum = 0;
  let count = 0;
  for (let i = 1; i < 3 * width * height; i += 21) {
    sum += Math.log(light[i]! + 0.004);
    count += 1;
  }
  return Math.exp(sum / count);
}

function addRain(film: Film, length: number, random: Random): void {
  const { width, height, light } = film;
  const drops = Math.round(width * height * 0.006);
  const lean = range(random, -0.4, 0.4);
  const level = 0.55 * meanLight(film) + 0.03;
  for (let i = 0; i < drops; i++) {
    const x0 = random() * width;
    const y0 = random() * height;
    const strength = level * range(random, 0.1, 0.6);
    for (let step = 0; step < length; step++) {
      const x = Math.floor(x0 + lean * step);
      const y = Math.floor(y0 + step);
      if (x < 0 || x >= width || y >= height) break;
      for (let c = 0; c < 3; c++) light[3 * (y * width + x) + c] = light[3 * (y * width + x) + c]! + strength;
    }
  }
}

function addSnow(film: Film, size: number, random: Random): void {
  const { width, height, light } = film;
  const flakes = Math.round(width * height * 0.004);
  const level = 1.3 * meanLight(film) + 0.1;
  for (let i = 0; i < flakes; i++) {
    const radius = size * range(random, 0.3, 1.2);
    const cx = random() * width;
    const cy = random() * height;
    for (let y = Math.max(0, Math.floor(cy - radius)); y <= Math.min(height - 1, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x <= Math.min(width - 1, cx + radius); x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 > radius * radius) continue;
        for (let c = 0; c < 3; c++)
          light[3 * (y * width + x) + c] = 0.4 * light[3 * (y * width + x) + c]! + 0.6 * level;
      }
    }
  }
}

/** Blurs along x, then along y, with a kernel of five pixels. */
function blur(film: Film, deviation: number): void {
  const { width, height, light } = film;
  const near = Math.exp(-0.5 / deviation ** 2);
  const far = Math.exp(-2 / deviation ** 2);
  const total = 1 + 2 * near + 2 * far;
  const line = new Float32Array(Math.max(width, height));
  const pass = (count: number, start: number, stride: number): void => {
    for (let i = 0; i < count; i++) line[i] = light[start + i * stride]!;
    const last = count - 1;
    for (let i = 0; i < count; i++) {
      const sum =
        line[i]! +
        near * (line[Math.max(0, i - 1)]! + line[Math.min(last, i + 1)]!) +
        far * (line[Math.max(0, i - 2)]! + line[Math.min(last, i + 2)]!);
      light[start + i * stride] = sum / total;
    }
  };
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) pass(width, 3 * y * width + c, 3);
    for (let x = 0; x < width; x++) pass(height, 3 * x + c, 3 * width);
  }
}
