import type { ArchetypeName } from "../archetypes/archetype.ts";
import { archetypeNames, archetypes } from "../archetypes/archetypes.ts";
import { createStyle } from "../archetypes/style.ts";
import type { Bounds, Mesh } from "../geometry/mesh.ts";
import { chance, createRandom, pick, pickWeighted, type Random } from "../random.ts";
import { createLight } from "../render/light.ts";
import type { Scene } from "../render/scene.ts";
import { Traits } from "../traits.ts";
import { addForeground, hidesLandmark } from "./foreground.ts";
import { addHouse, createPlace, type Place, type Spot } from "./place.ts";
import { addTree, createFoliage, type Season } from "./vegetation.ts";
import { type Framing, pickPhotoSize, pickViewpoint } from "./viewpoint.ts";

/** All that says what one landmark looks like. */
export interface LandmarkDesign {
  readonly seed: string;
  /** The landmark that it resembles, or null. */
  readonly twinOf: string | null;
  readonly archetype: ArchetypeName;
  /** 0 for the tropics, 1 for snowy winters. */
  readonly coldness: number;
}

/** A scene that shows a landmark. */
export interface LandmarkScene extends Scene {
  /** The triangles that the landmark is made of; they are the first of the mesh. */
  readonly landmarkTriangles: number;
}

/** Share of the traits in which a near-duplicate differs from the landmark it resembles. */
const ownShareOfTwin = 0.3;

/** A random kind of landmark, by the weights of the kinds. */
export function pickArchetype(random: Random): ArchetypeName {
  const weights = Object.fromEntries(archetypeNames.map((name) => [name, archetypes[name].weight]));
  return pickWeighted(random, weights as Record<ArchetypeName, number>);
}

/** One photo of a landmark, ready to be exposed, built into an empty mesh. */
export function composeLandmarkPhoto(
  design: LandmarkDesign,
  photo: {
    readonly seed: string;
    readonly longSide: number;
    readonly strain: number;
    readonly framing?: Framing | null;
  },
  mesh: Mesh,
): LandmarkScene {
  const { seed: imageSeed, longSide, strain, framing = null } = photo;
  const random = createRandom(imageSeed, "scene");
  const archetype = archetypes[design.archetype];
  const twin = design.twinOf === null ? null : { seed: design.twinOf, ownShare: ownShareOfTwin };
  const traits = new Traits(design.seed, twin);
  archetype.build(mesh, traits, createStyle(traits.within("style")));
  const landmarkTriangles = mesh.count;
  const { min, max } = mesh.bounds();
  const bounds: Bounds = { min: [min[0], 0, min[2]], max };
  const place = createPlace(design.seed, archetype, bounds, design.coldness);
  const width = bounds.max[0] - bounds.min[0];
  const size = pickPhotoSize(random, longSide, bounds.max[1] / width);
  const isOverWater = place.ground.water !== null;
  const camera = pickViewpoint(random, bounds, size, { isOverWater, strain, framing });
  const center = [
    (bounds.min[0] + bounds.max[0]) / 2,
    bounds.max[1] / 2,
    (bounds.min[2] + bounds.max[2]) / 2,
  ] as const;
  const light = createLight(
    random,
    Math.atan2(camera.position[0] - center[0], camera.position[2] - center[2]),
    design.coldness,
    strain,
  );
  const season: Season =
    light.snow > 0 ? "winter" : pick(random, ["spring", "summer", "summer", "autumn", "winter"] as const);
  const free = (spot: Spot, radius: number): boolean =>
    !hidesLandmark(camera, bounds, { x: spot.x, z: spot.z, radius });
  for (const house of varied(random, place.houses, imageSeed))
    if (free(house, 9 * house.size)) addHouse(mesh, house);
  addTrees(mesh, random, place, season, (tree) => free(tree, 3));
  addForeground(mesh, random, {
    camera,
    center,
    ground: place.ground,
    season,
    treeKind: place.treeKind,
    strain,
  });
  const radius = Math.hypot(width, bounds.max[1], bounds.max[2] - bounds.min[2]) / 2;
  const { ground, backdrop } = place;
  return { mesh, camera, light, ground, backdrop, focus: { center, radius }, landmarkTriangles };
}

/** Most spots as they are, some empty, some with something else on this photo. */
function varied(random: Random, spots: readonly Spot[], imageSeed: string): Spot[] {
  const result: Spot[] = [];
  for (const spot of spots) {
    const fate = random();
    if (fate < 0.72) result.push(spot);
    else if (fate < 0.88) result.push({ ...spot, seed: `${imageSeed} ${spot.seed}` });
  }
  return result;
}

function addTrees(
  mesh: Mesh,
  random: Random,
  place: Place,
  season: Season,
  isFree: (spot: Spot) => boolean,
): void {
  const foliage = createFoliage(random, place.treeKind, season);
  for (const spot of place.trees) {
    const shape = createRandom(spot.seed);
    if (!isFree(spot) || chance(random, 0.15)) continue;
    mesh.place({ x: spot.x, z: spot.z }, () =>
      addTree(mesh, shape, { kind: place.treeKind, height: 7 * spot.size + 2, season, foliage }),
    );
  }
}
