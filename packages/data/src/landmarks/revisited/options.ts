import { requireBetween, requireInteger } from "../../require.ts";
import type { GenerateProgress } from "../dataset/options.ts";

/** Options of {@link generateRevisited}; the defaults make 70 queries and 1,000 images, in some minutes. */
export interface GenerateRevisitedOptions {
  /**
   * Names the set: the same seed, with the same other options, gives the same files to the byte.
   *
   * @defaultValue 1
   */
  readonly seed?: number | string;
  /**
   * Landmarks that are asked for, 1 to 10,000.
   *
   * @defaultValue 14
   */
  readonly landmarks?: number;
  /**
   * Queries of each landmark, 1 to 1,000.
   *
   * @defaultValue 5, which gives 70 with 14 landmarks, as many as the published sets have
   */
  readonly queriesPerLandmark?: number;
  /**
   * Images of each landmark that show it clearly, 0 to 1,000.
   *
   * @defaultValue 12
   */
  readonly easyPerLandmark?: number;
  /**
   * Images of each landmark that show it with difficulty, 0 to 1,000.
   *
   * @defaultValue 14
   */
  readonly hardPerLandmark?: number;
  /**
   * Images of each landmark on which it can hardly be told, 0 to 1,000.
   *
   * @defaultValue 8
   */
  readonly junkPerLandmark?: number;
  /**
   * Images that show none of the landmarks, 0 to 1,000,000.
   *
   * @defaultValue 524, which makes 1,000 images in all
   */
  readonly distractors?: number;
  /**
   * Share of the distractors that show a landmark which resembles one of those asked for, 0 to 1.
   *
   * @defaultValue 0.15
   */
  readonly nearDuplicateRate?: number;
  /**
   * Share of the distractors that show no landmark at all, 0 to 1; the rest show other landmarks.
   *
   * @defaultValue 0.25
   */
  readonly emptyRate?: number;
  /**
   * Longer side of the images in pixels, 32 to 2048. The time for an image grows with its square: at 1024 it is about a
   * quarter of a second on one core.
   *
   * @defaultValue 1024, the longer side of the published sets' images
   */
  readonly longSide?: number;
  /**
   * Mean JPEG quality, 20 to 95; each image has its own, up to 12 less and 5 more.
   *
   * @defaultValue 87
   */
  readonly jpegQuality?: number;
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

/** The options that decide what the files hold, with their defaults filled in. */
export type RevisitedRecipe = Required<Omit<GenerateRevisitedOptions, "workers" | "onProgress" | "signal">>;

export const caller = "generateRevisited";

/** Fills in the defaults and refuses what cannot be made. */
export function revisitedRecipeFrom(options: GenerateRevisitedOptions): RevisitedRecipe {
  const {
    seed = 1,
    landmarks = 14,
    queriesPerLandmark = 5,
    easyPerLandmark = 12,
    hardPerLandmark = 14,
    junkPerLandmark = 8,
    distractors = 524,
    nearDuplicateRate = 0.15,
    emptyRate = 0.25,
    longSide = 1024,
    jpegQuality = 87,
  } = options;
  if (typeof seed === "number" && !Number.isFinite(seed)) {
    throw new RangeError(`${caller}: expected \`seed\` to be a finite number or a string, got ${seed}`);
  }
  requireInteger(caller, "landmarks", landmarks, 1, 10_000);
  requireInteger(caller, "queriesPerLandmark", queriesPerLandmark, 1, 1000);
  requireInteger(caller, "easyPerLandmark", easyPerLandmark, 0, 1000);
  requireInteger(caller, "hardPerLandmark", hardPerLandmark, 0, 1000);
  requireInteger(caller, "junkPerLandmark", junkPerLandmark, 0, 1000);
  requireInteger(caller, "distractors", distractors, 0, 1_000_000);
  requireBetween(caller, "nearDuplicateRate", nearDuplicateRate, 0, 1);
  requireBetween(caller, "emptyRate", emptyRate, 0, 1);
  requireInteger(caller, "longSide", longSide, 32, 2048);
  requireInteger(caller, "jpegQuality", jpegQuality, 20, 95);
  if (easyPerLandmark + hardPerLandmark === 0) {
    throw new RangeError(
      `${caller}: expected \`easyPerLandmark\` or \`hardPerLandmark\` to be at least 1, got none to find`,
    );
  }
  if (nearDuplicateRate + emptyRate > 1) {
    throw new RangeError(
      `${caller}: expected \`emptyRate\` to be at most ${1 - nearDuplicateRate}, beside the near-duplicates, got ${emptyRate}`,
    );
  }
  return {
    seed,
    landmarks,
    queriesPerLandmark,
    easyPerLandmark,
    hardPerLandmark,
    junkPerLandmark,
    distractors,
    nearDuplicateRate,
    emptyRate,
    longSide,
    jpegQuality,
  };
}
