import { archetypes } from "../archetypes/archetypes.ts";
import { createRandom, pick, pickWeighted, type Random, range, seedWords, shuffled } from "../random.ts";
import { type LandmarkDesign, pickArchetype } from "../scene/landmark-photo.ts";
import { type LandmarkCountry, landmarkCountries } from "./countries.ts";
import { type Crop, createCrop } from "./crop.ts";
import { createName } from "./names.ts";
import { countDuplicates, countInTrain, countNoise, type Recipe } from "./options.ts";

/** One landmark of a data set. */
export interface PlannedLandmark {
  /** Its number in the train set; null if it has no images there. */
  readonly trainLabel: number | null;
  /** Its number in the index set, which counts differently. */
  readonly indexLabel: number;
  readonly name: string;
  readonly country: string;
  readonly design: LandmarkDesign;
}

/** The parts of a data set. */
export type Split = "train" | "index" | "test";

/** One image of a data set. */
export interface PlannedImage {
  readonly id: string;
  readonly split: Split;
  /** The row of the landmark that it shows; -1 for none. */
  readonly shows: number;
  /** The row of the landmark that train.csv names; -1 outside the train set. */
  readonly label: number;
  readonly seed: string;
  readonly jpegQuality: number;
  /** The image of the train set whose photo this one is a copy of, and what the copy shows of it. */
  readonly copyOf: { readonly id: string; readonly crop: Crop } | null;
}

/** Everything that is in a data set, before any image is rendered. */
export interface Plan {
  readonly landmarks: readonly PlannedLandmark[];
  /** Sorted by split, then by id. */
  readonly images: readonly PlannedImage[];
}

/** The labels of the published train set run up to here. */
const publishedLabels = 203_094;

/** Works out a data set; the same recipe gives the same plan. */
export function createPlan(recipe: Recipe): Plan {
  const landmarks = planLandmarks(recipe);
  const taken = new Set<string>();
  const images = [
    ...planTrain(recipe, landmarks.length, taken),
    ...planQueryOrIndex(recipe, "index", recipe.indexImages, taken),
    ...planQueryOrIndex(recipe, "test", recipe.testImages, taken),
  ];
  const order: Readonly<Record<Split, number>> = { train: 0, index: 1, test: 2 };
  images.sort((a, b) => order[a.split] - order[b.split] || (a.id < b.id ? -1 : 1));
  return { landmarks, images };
}

function planLandmarks(recipe: Recipe): PlannedLandmark[] {
  const random = createRandom(recipe.seed, "landmarks");
  const inTrain = countInTrain(recipe);
  const trainLabels = distinctNumbers(random, inTrain, Math.max(publishedLabels, 2 * inTrain));
  const indexLabels = distinctNumbers(
    random,
    recipe.landmarks,
    Math.max(publishedLabels, 2 * recipe.landmarks),
  );
  const countries = landmarkCountries.filter(({ code }) => recipe.countries.includes(code));
  const rows = shuffled(
    random,
    Array.from({ length: recipe.landmarks }, (_, row) => row),
  );
  const twins = new Map<number, number>();
  for (let i = 0; i < Math.round(recipe.landmarks * recipe.nearDuplicateRate); i++)
    twins.set(rows[2 * i]!, rows[2 * i + 1]!);
  const names = new Set<string>();
  const drawn = Array.from({ length: recipe.landmarks }, (_, row) => ({
    seed: `${recipe.seed} landmark ${row}`,
    archetype: pickArchetype(random),
    country: pickCountry(random, countries),
  }));
  return drawn.map(({ seed, archetype: own, country }, row): PlannedLandmark => {
    const model = twins.get(row);
    const archetype = model === undefined ? own : drawn[model]!.archetype;
    return {
      trainLabel: row < inTrain ? trainLabels[row]! : null,
      indexLabel: indexLabels[row]!,
      name: createName(random, archetypes[archetype].nouns, names),
      country: country.code,
      design: {
        seed,
        twinOf: model === undefined ? null : drawn[model]!.seed,
        archetype,
        coldness: country.coldness,
      },
    };
  });
}

function pickCountry(random: Random, countries: readonly LandmarkCountry[]): LandmarkCountry {
  const code = pickWeighted(random, Object.fromEntries(countries.map(({ code, weight }) => [code, weight])));
  return countries.find((country) => country.code === code)!;
}

function planTrain(recipe: Recipe, landmarks: number, taken: Set<string>): PlannedImage[] {
  const random = createRandom(recipe.seed, "train");
  const inTrain = countInTrain(recipe);
  const noise = countNoise(recipe);
  const duplicates = countDuplicates(recipe);
  const labels = spread(recipe.trainImages - noise - duplicates, inTrain, recipe.tailExponent, 1);
  const labelOfRow = labels.flatMap((count, row) => Array.from({ length: count }, () => row));
  const images = labelOfRow.map((label) => ({ label, shows: label }));
  for (let i = 0; i < noise; i++) {
    const label = pick(random, labelOfRow);
    const other = (label + 1 + Math.floor(random() * (landmarks - 1))) % landmarks;
    images.push({ label, shows: i % 2 === 0 ? other : -1 });
  }
  const photos = images.map((image, i) =>
    createImage(recipe, { ...image, split: "train", number: i }, taken),
  );
  return [...photos, ...planDuplicates(recipe, photos, duplicates, taken)];
}

/** Copies of photos with a right label. */
function planDuplicates(
  recipe: Recipe,
  photos: readonly PlannedImage[],
  count: number,
  taken: Set<string>,
): PlannedImage[] {
  const random = createRandom(recipe.seed, "duplicates");
  const right = photos.filter(({ shows, label }) => shows === label);
  return Array.from({ length: count }, (_, i) => {
    const { id, seed, shows, label } = pick(random, right);
    const copy = createImage(recipe, { split: "train", shows, label, number: photos.length + i }, taken);
    return { ...copy, seed, copyOf: { id, crop: createCrop(random) } };
  });
}

function planQueryOrIndex(
  recipe: Recipe,
  split: "index" | "test",
  count: number,
  taken: Set<string>,
): PlannedImage[] {
  const distractors = Math.round(count * recipe.distractorRate);
  const rows = shuffled(
    createRandom(recipe.seed, "popularity"),
    Array.from({ length: recipe.landmarks }, (_, row) => row),
  );
  const perRank = spread(count - distractors, recipe.landmarks, recipe.tailExponent / 2, 0);
  const shown = perRank.flatMap((images, rank) => Array.from({ length: images }, () => rows[rank]!));
  for (let i = 0; i < distractors; i++) shown.push(-1);
  return shown.map((shows, i) => createImage(recipe, { split, shows, label: -1, number: i }, taken));
}

/** Divides a number of images over ranks by a power law, each rank having at least `least`. */
export function spread(total: number, ranks: number, exponent: number, least: number): number[] {
  const weights = Array.from({ length: ranks }, (_, rank) => (rank + 1) ** -exponent);
  const sum = weights.reduce((a, b) => a + b, 0);
  const rest = total - least * ranks;
  const shares = weights.map((weight) => (rest * weight) / sum);
  const counts = shares.map((share) => least + Math.floor(share));
  const missing = total - counts.reduce((a, b) => a + b, 0);
  const byRemainder = shares.map((share, rank) => ({ rank, left: share - Math.floor(share) }));
  byRemainder.sort((a, b) => b.left - a.left || a.rank - b.rank);
  for (let i = 0; i < missing; i++) counts[byRemainder[i]!.rank]! += 1;
  return counts;
}

function createImage(
  recipe: Recipe,
  image: { readonly split: Split; readonly shows: number; readonly label: number; readonly number: number },
  taken: Set<string>,
): PlannedImage {
  const { split, shows, label } = image;
  const seed = `${recipe.seed} ${split} ${image.number}`;
  const random = createRandom(seed, "file");
  return {
    id: createId(seed, taken),
    split,
    shows,
    label,
    seed,
    jpegQuality: Math.round(recipe.jpegQuality + range(random, -12, 5)),
    copyOf: null,
  };
}

/** Sixteen hexadecimal digits, different from all before. */
function createId(seed: string, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const words = seedWords(seed, "id", attempt);
    const id = [words[0]!, words[1]!].map((word) => word.toString(16).padStart(8, "0")).join("");
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

function distinctNumbers(random: Random, count: number, below: number): number[] {
  const numbers = new Set<number>();
  while (numbers.size < count) numbers.add(Math.floor(random() * below));
  return [...numbers];
}
