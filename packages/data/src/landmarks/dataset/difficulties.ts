import type { GenerateOptions } from "./options.ts";

/** The names of {@link landmarkDifficulties}. */
export type LandmarkDifficulty = "easy" | "medium" | "hard";

/**
 * Options of {@link generateLandmarks} for three data sets of rising difficulty; `medium` is its defaults.
 *
 * | | easy | medium | hard |
 * |---|---|---|---|
 * | `sceneDifficulty` | 0 | 0.5 | 1 |
 * | `nearDuplicateRate` | 0 | 0.1 | 0.4 |
 * | `distractorRate` | 0.05 | 0.2 | 0.4 |
 * | `noiseRate` | 0 | 0.1 | 0.3 |
 * | `unseenRate` | 0 | 0.1 | 0.25 |
 * | `tailExponent` | 0.2 | 0.6 | 1 |
 * | `duplicateRate` | 0 | 0 | 0.1 |
 *
 * The first three make the photos of the index and test sets harder to match, the others make it harder to
 * learn from the train set.
 *
 * @example
 * ```ts
 * import { landmarkDifficulties } from "@lmk/data/landmarks";
 *
 * const options = { ...landmarkDifficulties.hard, landmarks: 1000, trainImages: 12_000 };
 * console.log(options.noiseRate, options.sceneDifficulty); // => 0.3 1
 * ```
 */
export const landmarkDifficulties: Readonly<Record<LandmarkDifficulty, GenerateOptions>> = {
  easy: {
    sceneDifficulty: 0,
    nearDuplicateRate: 0,
    distractorRate: 0.05,
    noiseRate: 0,
    unseenRate: 0,
    tailExponent: 0.2,
    duplicateRate: 0,
  },
  medium: {
    sceneDifficulty: 0.5,
    nearDuplicateRate: 0.1,
    distractorRate: 0.2,
    noiseRate: 0.1,
    unseenRate: 0.1,
    tailExponent: 0.6,
    duplicateRate: 0,
  },
  hard: {
    sceneDifficulty: 1,
    nearDuplicateRate: 0.4,
    distractorRate: 0.4,
    noiseRate: 0.3,
    unseenRate: 0.25,
    tailExponent: 1,
    duplicateRate: 0.1,
  },
};
