/** How well a network does on Oxford or Paris Revisited: mAP in percent. */
export interface RevisitedScores {
  readonly easy?: number;
  readonly medium: number;
  readonly hard: number;
}

/** One row of the authors' cleaning grid. Scores are mAP in percent. */
export interface CleaningGridRow {
  /** `freqthresh`: an image is kept if at least this many of its same-label neighbors are verified. */
  readonly frequency: number;
  /** `verifythresh`: a neighbor is verified if at least this many points agree. */
  readonly inliers: number;
  readonly landmarks: number;
  readonly images: number;
  readonly private: number;
  readonly public: number;
  readonly oxford5k: number;
  readonly paris6k: number;
  readonly roxford5k: Required<RevisitedScores>;
  readonly rparis6k: Required<RevisitedScores>;
}

/**
 * `freqthresh`, `verifythresh`, landmarks, images, private, public, Oxford5k, Paris6k, ROxford easy, medium and hard,
 * RParis easy, medium and hard.
 */
type PublishedRow = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

const published: readonly PublishedRow[] = [
  [10, 50, 17036, 430801, 27.24, 24.21, 93.41, 94.43, 89.9, 75.81, 57.42, 91.7, 84.77, 71.61],
  [10, 40, 20519, 540023, 27.85, 25.06, 92.85, 94.13, 88.99, 75.39, 56.31, 91.99, 85.02, 71.89],
  [10, 30, 25974, 725167, 28.56, 26.16, 92.89, 94.54, 88.07, 75.22, 56.49, 92.47, 86.47, 74.09],
  [10, 20, 35084, 1094854, 29.23, 26.29, 90.86, 96.06, 87.81, 75.13, 56.35, 93.03, 88.12, 76.52],
  [9, 50, 19627, 474639, 27.3, 24.81, 93.97, 95.06, 88.57, 75.37, 55.46, 92.08, 85.45, 72.07],
  [9, 40, 23566, 591315, 28.42, 24.85, 92.5, 94.85, 87.44, 75.04, 57.52, 92.18, 86.25, 73.94],
  [9, 30, 29476, 788086, 28.92, 26.4, 92.24, 95.4, 89.58, 76.2, 57.64, 92.81, 86.95, 74.2],
  [9, 20, 39309, 1175274, 29.44, 26.81, 93.63, 95.58, 89.42, 76.89, 57.9, 92.61, 87.68, 76.13],
  [8, 50, 22894, 527091, 27.49, 24.49, 92.24, 93.48, 89, 75.31, 56.26, 92.29, 85.82, 72.45],
  [8, 40, 27170, 651968, 28.43, 25.39, 93.5, 95.15, 89.39, 77.07, 58.81, 92.95, 87.15, 74.79],
  [8, 30, 33581, 860716, 29.1, 26.65, 91.72, 95.74, 87.85, 74.96, 57.03, 93.64, 88.05, 76.49],
  [8, 20, 44347, 1266995, 29.64, 26.84, 93.37, 95.57, 90.21, 76.47, 56.07, 92.75, 87.72, 75.95],
  [7, 50, 26874, 590613, 27.65, 25.09, 91.56, 95.3, 87.24, 73.75, 55.15, 93.05, 87.14, 74.72],
  [7, 40, 31623, 724124, 28.61, 25.76, 92.08, 95.45, 88.47, 76.42, 58.95, 93.06, 87.68, 75.88],
  [7, 30, 38803, 947508, 29.19, 26.49, 91.86, 95.59, 89.65, 76.76, 58.85, 92.93, 87.75, 76.21],
  [7, 20, 50380, 1373731, 29.55, 26.83, 92.88, 95.45, 89.49, 77.11, 57.84, 93.18, 88.38, 76.66],
  [6, 50, 32205, 669266, 28.16, 25.16, 90.96, 93.84, 87.6, 74.7, 56.91, 92.25, 85.77, 72.07],
  [6, 40, 37343, 813172, 29.14, 26.17, 91.66, 95.49, 89.46, 75.86, 57.16, 92.93, 87.03, 74.92],
  [6, 30, 45306, 1051510, 29.51, 26.77, 92.94, 96.05, 90.31, 77.09, 57.78, 92.94, 88.19, 76.47],
  [6, 20, 57908, 1500443, 29.94, 26.99, 93.03, 95.83, 89.72, 77.44, 59.88, 93.11, 88.52, 77.72],
  [5, 50, 39129, 770901, 28.7, 25.78, 92.42, 95.32, 89.63, 76.1, 57.75, 92.71, 87.06, 74.81],
  [5, 40, 45059, 926313, 29.25, 26.45, 93.53, 95.07, 90.17, 77.25, 58.53, 93.15, 87.71, 75.74],
  [5, 30, 53862, 1182169, 29.88, 27.42, 92.22, 95.76, 89.42, 77.3, 59.94, 93.4, 88.2, 77.15],
  [5, 20, 67703, 1654285, 29.85, 27.69, 94.76, 96.11, 91.35, 78.77, 59.26, 93.52, 88.85, 77.78],
  [4, 50, 48878, 906432, 28.82, 26.43, 92.25, 94.09, 89.25, 76.01, 58.13, 92.79, 86.54, 74.17],
  [4, 40, 55509, 1075641, 29.6, 26.83, 92.6, 95.89, 89.46, 77.33, 58.89, 93.24, 88.16, 76.62],
  [4, 30, 65290, 1350533, 29.77, 26.99, 93.13, 95.79, 90.24, 78.26, 60.55, 93.27, 88.69, 77.61],
  [4, 20, 80238, 1845023, 29.79, 27.33, 92.42, 96.01, 89.52, 77.45, 58.91, 93.52, 89.19, 78.5],
  [3, 50, 63467, 1103395, 29.18, 26.8, 91.85, 95.73, 89.48, 75.99, 58.37, 93.07, 87.53, 75.84],
  [3, 40, 70712, 1287020, 29.59, 27.25, 92.82, 95.88, 90, 77.16, 58.81, 93.53, 88.69, 77.68],
  [3, 30, 81313, 1580470, 30.22, 27.81, 94.39, 96.39, 91.65, 78.86, 59.93, 93.97, 88.84, 77.82],
  [3, 20, 96595, 2092670, 29.95, 27.21, 93.81, 96.36, 91.23, 79.47, 60.32, 93.41, 89.83, 79.61],
  [2, 50, 86341, 1414496, 29.95, 27.28, 93.68, 95.83, 90.79, 78.02, 59.35, 93.31, 87.73, 75.91],
  [2, 40, 94045, 1612453, 30.19, 27.62, 92.9, 96.28, 90.66, 78.8, 61.6, 94.01, 89.07, 77.79],
  [2, 30, 104912, 1920676, 30.19, 27.26, 92.24, 96.54, 90.29, 77.87, 59.07, 94.01, 89.7, 79.21],
  [2, 20, 119880, 2434203, 29.81, 27.13, 93.67, 96.02, 91.25, 79, 59.75, 93.83, 89.72, 79.46],
  [1, 50, 130680, 2039139, 29.49, 27.26, 92.93, 95.82, 90.95, 77.76, 57.51, 93.53, 88.98, 77.82],
  [1, 40, 136745, 2236781, 29.99, 27.25, 93, 96.05, 90.56, 77.58, 58.17, 93.75, 89.4, 78.52],
  [1, 30, 144693, 2528762, 30.05, 27.33, 93.59, 96.46, 90.73, 78.6, 58.68, 93.9, 89.87, 79.19],
  [1, 20, 155052, 2976795, 29.78, 27.55, 94.01, 96.39, 91.62, 79.12, 58.97, 93.9, 90.02, 79.38],
];

/**
 * Size of the cleaned training set and scores of the network trained on it, for each pair of thresholds: ResNet-101,
 * ArcFace, GLDv1 and then cleaned GLDv2, multi-scale.
 *
 * `benchmark.md` of revision 98a83b4, table "v2 clean". The thresholds of 25, 35 and 45 points, which the authors'
 * cleaning script also writes, were never scored.
 */
export const publishedCleaningGrid: readonly CleaningGridRow[] = published.map(
  ([
    frequency,
    inliers,
    landmarks,
    images,
    privateScore,
    publicScore,
    oxford5k,
    paris6k,
    oxfordEasy,
    oxfordMedium,
    oxfordHard,
    parisEasy,
    parisMedium,
    parisHard,
  ]) => ({
    frequency,
    inliers,
    landmarks,
    images,
    private: privateScore,
    public: publicScore,
    oxford5k,
    paris6k,
    roxford5k: { easy: oxfordEasy, medium: oxfordMedium, hard: oxfordHard },
    rparis6k: { easy: parisEasy, medium: parisMedium, hard: parisHard },
  }),
);
