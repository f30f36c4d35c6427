import type { Archetype, GroundKind } from "../archetypes/archetype.ts";
import { createStyle, createWindows } from "../archetypes/style.ts";
import { type Color, mixColors } from "../color.ts";
import type { Bounds, Mesh } from "../geometry/mesh.ts";
import { addGableRoof, addHipRoof } from "../geometry/roofs.ts";
import { addBox } from "../geometry/solids.ts";
import { chance, createRandom, integer, pick, type Random, range } from "../random.ts";
import type { Area, Ground, GroundTexture } from "../render/ground.ts";
import { valueNoise } from "../render/noise.ts";
import { type Backdrop, silhouetteSteps } from "../render/sky.ts";
import { withWindows } from "../render/surface.ts";
import { Traits } from "../traits.ts";
import type { TreeKind } from "./vegetation.ts";

/** A house or a tree on its spot. */
export interface Spot {
  readonly x: number;
  readonly z: number;
  readonly size: number;
  readonly seed: string;
}

/** What stays around a landmark from photo to photo. */
export interface Place {
  readonly ground: Ground;
  readonly backdrop: Backdrop;
  readonly houses: readonly Spot[];
  readonly trees: readonly Spot[];
  readonly treeKind: TreeKind;
  /** 0 for the tropics, 1 for snowy winters. */
  readonly coldness: number;
}

/** The surroundings of a landmark with these bounds. */
export function createPlace(
  seed: string,
  archetype: Pick<Archetype, "grounds">,
  bounds: Bounds,
  coldness: number,
): Place {
  const random = createRandom(seed, "place");
  const kind = pick(random, archetype.grounds);
  const radius = Math.max(bounds.max[0] - bounds.min[0], bounds.max[2] - bounds.min[2]) / 2;
  const isTown = kind === "street" || kind === "plaza" || kind === "cobbles";
  const ring = (count: number, name: string, near: number, far: number): Spot[] =>
    Array.from({ length: count }, (_, i) => {
      const angle = range(random, 0, 2 * Math.PI);
      const distance = radius + range(random, near, far);
      return {
        x: distance * Math.sin(angle) * 1.25,
        z: distance * Math.cos(angle) - 4,
        size: range(random, 0.7, 1.4),
        seed: `${seed} ${name} ${i}`,
      };
    });
  return {
    ground: createGround(random, kind, bounds),
    backdrop: createBackdrop(random, {
      isTown: isTown || chance(random, 0.2),
      height: bounds.max[1],
      coldness,
    }),
    houses:
      kind === "water"
        ? []
        : ring(
            isTown ? integer(random, 8, 18) : integer(random, 0, 5),
            "house",
            isTown ? 14 : 30,
            isTown ? 50 : 90,
          ),
    trees:
      kind === "water"
        ? []
        : ring(integer(random, 0, kind === "sand" || kind === "rocks" ? 4 : 14), "tree", 4, 45),
    treeKind: pick(
      random,
      coldness < 0.3
        ? (["palm", "cypress", "broadleaf"] as const)
        : coldness > 0.7
          ? (["conifer", "broadleaf", "broadleaf"] as const)
          : (["broadleaf", "broadleaf", "poplar", "conifer", "cypress"] as const),
    ),
    coldness,
  };
}

const nearTextures: Readonly<Record<GroundKind, GroundTexture>> = {
  plaza: "paving",
  lawn: "grass",
  street: "asphalt",
  cobbles: "cobbles",
  sand: "sand",
  water: "grass",
  pool: "paving",
  rocks: "rocks",
};

/** The ground of a kind of place around a landmark. */
export function createGround(random: Random, kind: GroundKind, bounds: Bounds): Ground {
  const width = bounds.max[0] - bounds.min[0];
  const stone: Color = mixColors(
    [0.36, 0.34, 0.31],
    pick(random, [
      [0.45, 0.38, 0.28],
      [0.2, 0.2, 0.21],
      [0.5, 0.48, 0.45],
      [0.38, 0.22, 0.16],
    ] as const),
    random(),
  );
  return {
    near: nearTextures[kind],
    far: pick(
      random,
      kind === "sand" || kind === "rocks"
        ? (["sand", "grass", "rocks"] as const)
        : (["grass", "grass", "asphalt", "paving"] as const),
    ),
    reach: (width / 2) * range(random, 1.6, 3.2) + 12,
    color: stone,
    accent: mixColors(
      stone,
      pick(random, [
        [0.1, 0.1, 0.1],
        [0.6, 0.58, 0.54],
        [0.35, 0.16, 0.1],
      ] as const),
      0.6,
    ),
    grass: mixColors([0.09, 0.17, 0.04], [0.2, 0.2, 0.07], random()),
    slab: kind === "cobbles" ? range(random, 0.25, 0.5) : range(random, 0.8, 2.6),
    pattern: pick(random, ["plain", "plain", "checker", "rings", "stripes"] as const),
    pathWidth: chance(random, 0.6) ? range(random, 3, 9) : 0,
    water: createWater(random, kind, bounds),
    isIsland: false,
  };
}

function createWater(random: Random, kind: GroundKind, bounds: Bounds): Area | null {
  const [left, , back] = bounds.min;
  const [right, , front] = bounds.max;
  if (kind === "water") {
    const bank = (right - left) * range(random, 0.36, 0.5);
    return { left: -bank, right: bank, back: -4000, front: 4000 };
  }
  if (kind !== "pool") return null;
  if (chance(random, 0.4))
    return { left: -4000, right: 4000, back: front + range(random, 3, 9), front: 4000 };
  const half = (right - left) * range(random, 0.12, 0.5);
  return {
    left: -half,
    right: half,
    back: front + range(random, 4, 9),
    front: front + range(random, 25, 60) + (front - back) * 0.2,
  };
}

/** Hills, woods and roofs along the horizon. */
export function createBackdrop(
  random: Random,
  place: { readonly isTown: boolean; readonly height: number; readonly coldness: number },
): Backdrop {
  const layers: Backdrop["layers"][number][] = [];
  const shift = random() * 500;
  if (place.isTown) {
    const heights = new Float32Array(silhouetteSteps);
    let step = 0;
    while (step < silhouetteSteps) {
      const width = integer(random, 3, 15);
      const height = range(random, 0.03, 0.13);
      heights.fill(height, step, Math.min(silhouetteSteps, step + width));
      step += width;
    }
    layers.push({
      heights,
      color: mixColors([0.32, 0.28, 0.24], [0.2, 0.19, 0.2], random()),
      haze: range(random, 0.15, 0.45),
      isTown: true,
    });
  } else if (chance(random, 0.7)) {
    const height = range(random, 0.02, 0.08);
    const heights = Float32Array.from(
      { length: silhouetteSteps },
      (_, i) => height * (0.5 + valueNoise(i * 0.25 + shift, 3) * 0.7 + 0.4 * valueNoise(i * 0.03, shift)),
    );
    layers.push({ heights, color: [0.07, 0.11, 0.045], haze: range(random, 0.05, 0.3), isTown: false });
  }
  const ranges = integer(random, 0, 2);
  for (let i = 0; i < ranges; i++) {
    const height = range(random, 0.06, 0.3) * (i + 1) * 0.7;
    const frequency = range(random, 0.008, 0.022);
    const heights = Float32Array.from({ length: silhouetteSteps }, (_, k) => {
      const turn = (2 * Math.PI * k) / silhouetteSteps;
      const wave = valueNoise(
        Math.cos(turn) * 160 * frequency + shift,
        Math.sin(turn) * 160 * frequency + i * 50,
      );
      return height * Math.max(0, wave * 1.3 - 0.2) + 0.01 * valueNoise(k * 0.2, i);
    });
    layers.push({
      heights,
      color: mixColors([0.1, 0.14, 0.07], [0.25, 0.22, 0.2], random()),
      haze: 0.45 + 0.2 * i,
      isTown: false,
    });
  }
  return { layers };
}

/** A plain house of a region, on its spot. */
export function addHouse(mesh: Mesh, spot: Spot): void {
  const traits = new Traits(spot.seed);
  const style = createStyle(traits);
  const windows = createWindows(traits, style);
  const floors = traits.integer("floors", 2, 5);
  const size = {
    width: traits.range("w", 9, 20) * spot.size,
    height: windows.floor * floors,
    depth: traits.range("d", 9, 14),
  };
  mesh.place(
    {
      x: spot.x,
      z: spot.z,
      turn: Math.round(traits.range("turn", 0, 4)) * (Math.PI / 2) + traits.range("askew", -0.1, 0.1),
    },
    () => {
      addBox(mesh, size, withWindows(style.wall, windows), style.roof);
      mesh.place({ y: size.height }, () => {
        const kind = traits.pick("roofShape", ["gable", "hip", "flat"] as const);
        if (kind === "gable")
          addGableRoof(mesh, { ...size, height: size.width * 0.35 }, style.roof, style.wall);
        else if (kind === "hip") addHipRoof(mesh, { ...size, height: size.width * 0.3 }, 0.6, style.roof);
      });
    },
  );
}
