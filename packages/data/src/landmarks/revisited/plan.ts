import { archetypes } from "../archetypes/archetypes.ts";
import { createName } from "../dataset/names.ts";
import { createRandom, type Random, range, shuffled } from "../random.ts";
import type { PhotoOrder } from "../render-photo.ts";
import { type LandmarkDesign, pickArchetype } from "../scene/landmark-photo.ts";
import { type FoundPhoto, findPhoto, type PhotoKind } from "./kinds.ts";
import { caller, type RevisitedRecipe } from "./options.ts";
import { Surveyor } from "./sight.ts";

/** One image of a set. */
export interface RevisitedImage {
  /** Without folder and ending. */
  readonly name: string;
  readonly order: PhotoOrder;
  readonly jpegQuality: number;
}

/** One query: its image, its box as shares of the frame, and the rows of the index. */
export interface RevisitedPlanQuery extends RevisitedImage {
  readonly box: readonly [number, number, number, number];
  readonly easy: readonly number[];
  readonly hard: readonly number[];
  readonly junk: readonly number[];
}

/** Everything that is in a set, before any image is rendered. */
export interface RevisitedPlan {
  readonly queries: readonly RevisitedPlanQuery[];
  readonly index: readonly RevisitedImage[];
}

/** An image of the index before it has its place. */
interface Entry {
  readonly title: string;
  readonly order: PhotoOrder;
  /** The landmark it is labelled with, and how; -1 for a distractor. */
  readonly landmark: number;
  readonly kind: PhotoKind | "distractor";
}

interface Landmark {
  readonly title: string;
  readonly design: LandmarkDesign;
}

/** Photos of one landmark among the distractors. */
const photosOfOther = 4;

/**
 * Works out a set; the same recipe gives the same plan.
 *
 * @throws RangeError if a landmark has no photos of a kind.
 */
export function createRevisitedPlan(recipe: RevisitedRecipe): RevisitedPlan {
  const names = new Set<string>();
  const random = createRandom(recipe.seed, "revisited");
  const landmarks = Array.from({ length: recipe.landmarks }, (_, row) =>
    createLandmark(`${recipe.seed} revisited ${row}`, random, names),
  );
  const take = photographerOf(recipe);
  const entries = shuffled(random, [
    ...landmarks.flatMap(({ title, design }, landmark) =>
      (["easy", "hard", "junk"] as const).flatMap((kind) =>
        take(design, kind, recipe[`${kind}PerLandmark`]).map(
          ({ order }): Entry => ({ title, order, landmark, kind }),
        ),
      ),
    ),
    ...distractorsOf(recipe, landmarks, random, names),
  ]);
  const rowsOf = (landmark: number, kind: PhotoKind): number[] =>
    [...entries.keys()].filter((row) => entries[row]!.landmark === landmark && entries[row]!.kind === kind);
  const index = entries.map(({ title, order }, row) => createImage(recipe, title, row, order));
  const queries = landmarks.flatMap(({ title, design }, landmark) => {
    const [easy, hard, junk] = [rowsOf(landmark, "easy"), rowsOf(landmark, "hard"), rowsOf(landmark, "junk")];
    return take(design, "query", recipe.queriesPerLandmark).map(({ order, sight }, i): RevisitedPlanQuery => {
      const number = entries.length + landmark * recipe.queriesPerLandmark + i;
      return { ...createImage(recipe, title, number, order), box: sight.box!, easy, hard, junk };
    });
  });
  return { queries, index };
}

function photographerOf(
  recipe: RevisitedRecipe,
): (design: LandmarkDesign, kind: PhotoKind, count: number) => FoundPhoto[] {
  const surveyor = new Surveyor();
  return (design, kind, count) =>
    Array.from({ length: count }, (_, i) => {
      const photo = { design, seed: `${design.seed} ${kind} ${i}`, longSide: recipe.longSide };
      const found = findPhoto(kind, photo, (order) => surveyor.survey(order));
      if (found !== undefined) return found;
      throw new RangeError(
        `${caller}: expected \`seed\` to give landmarks with ${kind} photos, got ${JSON.stringify(recipe.seed)}; choose another`,
      );
    });
}

/** Near-duplicates of the landmarks, other landmarks, and what is no landmark. */
function distractorsOf(
  recipe: RevisitedRecipe,
  landmarks: readonly Landmark[],
  random: Random,
  names: Set<string>,
): Entry[] {
  const { seed, longSide, distractors, nearDuplicateRate, emptyRate } = recipe;
  const similar = Math.round(distractors * nearDuplicateRate);
  const empty = Math.min(distractors - similar, Math.round(distractors * emptyRate));
  const others: Landmark[] = [];
  return Array.from({ length: distractors }, (_, i): Entry => {
    const photo = { seed: `${seed} distractor ${i}`, longSide, sceneDifficulty: 0.5 };
    const entry = { landmark: -1, kind: "distractor" } as const;
    if (i < similar) {
      const { title, design } = landmarks[i % landmarks.length]!;
      const twin = { ...design, seed: `${design.seed} twin`, twinOf: design.seed };
      return { ...entry, title: `${title} twin`, order: { ...photo, design: twin } };
    }
    if (i < similar + empty) return { ...entry, title: "scene", order: { ...photo, design: null } };
    const number = Math.floor((i - similar - empty) / photosOfOther);
    others[number] ??= createLandmark(`${seed} other ${number}`, random, names);
    return { ...entry, title: others[number].title, order: { ...photo, design: others[number].design } };
  });
}

function createLandmark(seed: string, random: Random, names: Set<string>): Landmark {
  const archetype = pickArchetype(random);
  const title = createName(random, archetypes[archetype].nouns, names);
  return { title, design: { seed, twinOf: null, archetype, coldness: random() } };
}

/** Names as those of the published sets: what it shows, and a number. */
function createImage(
  recipe: RevisitedRecipe,
  title: string,
  number: number,
  order: PhotoOrder,
): RevisitedImage {
  const words = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  const random = createRandom(order.seed, "file");
  return {
    name: `${words}_${String(number).padStart(6, "0")}`,
    order,
    jpegQuality: Math.round(recipe.jpegQuality + range(random, -12, 5)),
  };
}
