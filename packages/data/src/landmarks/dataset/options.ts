import { requireBetween, requireInteger } from "../../require.ts";
import { countryCodes } from "./countries.ts";

/** Options of {@link generateLandmarks}; the defaults make the data set that the examples use. */
export interface GenerateOptions {
  /**
   * Names the data set: the same seed, with the same other options, gives the same files to the byte.
   *
   * @defaultValue 1
   */
  readonly seed?: number | string;
  /**
   * Landmarks in all, 2 to 200,000.
   *
   * @defaultValue 200
   */
  readonly landmarks?: number;
  /**
   * Images of the train set, at least one for each landmark in it.
   *
   * @defaultValue 2500
   */
  readonly trainImages?: number;
  /**
   * Images of the index set, 1 or more.
   *
   * @defaultValue 800
   */
  readonly indexImages?: number;
  /**
   * Images of the test set: the queries, 1 or more.
   *
   * @defaultValue 250
   */
  readonly testImages?: number;
  /**
   * How long the tail is: the landmark of rank r has images in proportion to r to the power of minus this.
   * 0 gives all landmarks alike.
   *
   * @defaultValue 0.6
   */
  readonly tailExponent?: number;
  /**
   * Share of the rows of train.csv whose label is wrong, 0 to below 1: half of them show another landmark,
   * half show none. They are absent from train_clean.csv.
   *
   * @defaultValue 0.1
   */
  readonly noiseRate?: number;
  /**
   * Share of the index and of the test images that show no landmark, 0 to below 1.
   *
   * @defaultValue 0.2
   */
  readonly distractorRate?: number;
  /**
   * Share of the landmarks that resemble another one, with which they share most of their shape, 0 to 0.5.
   *
   * @defaultValue 0.1
   */
  readonly nearDuplicateRate?: number;
  /**
   * Share of the landmarks that occur in the index and test sets only, 0 to below 1.
   *
   * @defaultValue 0.1
   */
  readonly unseenRate?: number;
  /**
   * Share of the rows of train.csv that are copies of another row's photo, 0 to below 1: encoded anew, most of
   * them cropped as well, under the same label. `train_duplicates.csv` names them.
   *
   * @defaultValue 0
   */
  readonly duplicateRate?: number;
  /**
   * How hard the photos of landmarks are, 0 to 1: the larger, the more often they are taken from the side, from
   * afar or from above, cut, in the dark, in fog or rain, blurred, and with people, cars and trees in the way.
   * These probabilities and the spread of the viewpoints are multiplied by 9 to the power of this minus 0.5.
   *
   * @defaultValue 0.5
   */
  readonly sceneDifficulty?: number;
  /**
   * Longer side of the images in pixels, 32 to 2048. The time for an image grows with its square.
   *
   * @defaultValue 176
   */
  readonly longSide?: number;
  /**
   * Mean JPEG quality, 20 to 95; each image has its own, up to 12 less and 5 more.
   *
   * @defaultValue 87
   */
  readonly jpegQuality?: number;
  /**
   * The ISO 3166 codes of the countries that the landmarks stand in; {@link landmarkCountries} lists the known
   * ones. The country decides the weather and the trees.
   *
   * @defaultValue all known countries
   */
  readonly countries?: readonly string[];
  /**
   * Worker threads; 0 renders on the calling thread. It changes no byte of the result. Where the package runs
   * from its TypeScript source, workers need tsx.
   *
   * @defaultValue the number of cores, at most 16; 0 where the package runs from its TypeScript source
   */
  readonly workers?: number;
  /** Is called after each image with the number of images on disk and in all. */
  readonly onProgress?: (progress: GenerateProgress) => void;
  /** Stops the work: the promise is then rejected with the signal's reason, and a later call goes on from there. */
  readonly signal?: AbortSignal;
}

/** How far {@link generateLandmarks} is. */
export interface GenerateProgress {
  /** Images on disk. */
  readonly done: number;
  /** Images in all. */
  readonly total: number;
}

/** The options that decide what the files hold, with their defaults filled in. */
export type Recipe = Required<Omit<GenerateOptions, "workers" | "onProgress" | "signal">>;

const caller = "generateLandmarks";

/** Fills in the defaults and refuses what cannot be made. */
export function recipeFrom(options: GenerateOptions): Recipe {
  const {
    seed = 1,
    landmarks = 200,
    trainImages = 2500,
    indexImages = 800,
    testImages = 250,
    tailExponent = 0.6,
    noiseRate = 0.1,
    distractorRate = 0.2,
    nearDuplicateRate = 0.1,
    unseenRate = 0.1,
    duplicateRate = 0,
    sceneDifficulty = 0.5,
    longSide = 176,
    jpegQuality = 87,
    countries = countryCodes,
  } = options;
  if (typeof seed === "number" && !Number.isFinite(seed)) refuse("seed", "a finite number or a string", seed);
  requireInteger(caller, "landmarks", landmarks, 2, 200_000);
  requireInteger(caller, "trainImages", trainImages, 1, 10_000_000);
  requireInteger(caller, "indexImages", indexImages, 1, 10_000_000);
  requireInteger(caller, "testImages", testImages, 1, 10_000_000);
  requireBetween(caller, "tailExponent", tailExponent, 0, 4);
  requireRate("noiseRate", noiseRate);
  requireRate("distractorRate", distractorRate);
  requireBetween(caller, "nearDuplicateRate", nearDuplicateRate, 0, 0.5);
  requireRate("unseenRate", unseenRate);
  requireRate("duplicateRate", duplicateRate);
  requireBetween(caller, "sceneDifficulty", sceneDifficulty, 0, 1);
  requireInteger(caller, "longSide", longSide, 32, 2048);
  requireInteger(caller, "jpegQuality", jpegQuality, 20, 95);
  if (countries.length === 0) refuse("countries", "at least one country code", "none");
  for (const code of countries) {
    if (!countryCodes.includes(code)) refuse("countries", `codes out of ${countryCodes.join(" ")}`, code);
  }
  const recipe: Recipe = {
    seed,
    landmarks,
    trainImages,
    indexImages,
    testImages,
    tailExponent,
    noiseRate,
    distractorRate,
    nearDuplicateRate,
    unseenRate,
    duplicateRate,
    sceneDifficulty,
    longSide,
    jpegQuality,
    countries,
  };
  const inTrain = countInTrain(recipe);
  if (inTrain < 2) refuse("unseenRate", "a share that leaves 2 landmarks in the train set", unseenRate);
  if (noiseRate + duplicateRate >= 1) {
    refuse("duplicateRate", "a share that leaves other images beside the wrong labels", duplicateRate);
  }
  if (trainImages - countNoise(recipe) - countDuplicates(recipe) < inTrain) {
    refuse(
      "trainImages",
      `at least ${Math.ceil(inTrain / (1 - noiseRate - duplicateRate))}, one right image for each landmark`,
      trainImages,
    );
  }
  return recipe;
}

/** Landmarks that have images in the train set. */
export function countInTrain(recipe: Recipe): number {
  return recipe.landmarks - Math.round(recipe.landmarks * recipe.unseenRate);
}

/** Rows of train.csv with a wrong label. */
export function countNoise(recipe: Recipe): number {
  return Math.round(recipe.trainImages * recipe.noiseRate);
}

/** Rows of train.csv that are copies of another row's photo. */
export function countDuplicates(recipe: Recipe): number {
  return Math.round(recipe.trainImages * recipe.duplicateRate);
}

/** The number of workers asked for, or the default. */
export function requireWorkers(caller: string, workers: number | undefined, otherwise: number): number {
  if (workers === undefined) return otherwise;
  requireInteger(caller, "workers", workers, 0, 1024);
  return workers;
}

function requireRate(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) refuse(name, "a number from 0 to below 1", value);
}

function refuse(name: string, expected: string, actual: number | string): never {
  throw new RangeError(`${caller}: expected \`${name}\` to be ${expected}, got ${actual}`);
}
