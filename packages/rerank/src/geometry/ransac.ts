// RANSAC as it is used here differs from the originals' libraries: one-to-one counting of inliers, samples and models
// that no plane can give are passed over before any error is computed, and local optimisation is plain repeated least
// squares on the inliers. Of two models with as many inliers the one with the smaller sum of squared errors is better.

import type { Bounds, ModelKind } from "./model-kind.ts";
import type { PointPairs } from "./point-pairs.ts";
import type { Sampler } from "./sampler.ts";

export interface RansacSettings {
  /** In pixels. */
  readonly maxError: number;
  readonly confidence: number;
  readonly maxIterations: number;
  readonly minimumInliers: number;
  readonly localOptimization: boolean;
  readonly progressive: boolean;
  readonly symmetric: boolean;
  readonly oneToOne: boolean;
  readonly minimumScale: number;
  readonly maximumScale: number;
  readonly allowReflection: boolean;
}

/** What was found, in the inner coordinates. */
export interface RansacResult {
  readonly model: Float64Array;
  readonly inliers: Uint8Array;
  readonly inlierCount: number;
  readonly iterations: number;
}

/** A transform with the pairs that agree with it. */
interface Candidate {
  readonly model: Float64Array;
  readonly selected: Int32Array;
  count: number;
  sum: number;
}

/** Pairs whose errors are computed before a hopeless model is given up. */
const blockSize = 64;

/** Least-squares fits after a new best model. */
const mostLocalFits = 5;

export function ransac(
  kind: ModelKind,
  pairs: PointPairs,
  settings: RansacSettings,
  sampler: Sampler,
): RansacResult {
  const { sampleSize } = kind;
  const least = Math.max(sampleSize, settings.minimumInliers);
  // Fewer different points, even where each pair counts, are too few or hold no sample.
  const enough = Math.min(pairs.distinctFrom, pairs.distinctTo) >= sampleSize && pairs.count >= least;
  if (!enough) return nothing(kind, pairs, 0);
  const bounds = innerBounds(pairs, settings);
  const evaluate = createEvaluation(kind, pairs, settings);
  const best = createCandidate(kind, pairs.count);
  const trial = createCandidate(kind, pairs.count);
  const sample = new Int32Array(sampleSize);
  let needed = settings.maxIterations;
  let iterations = 0;
  while (iterations < needed) {
    iterations += 1;
    sampler.draw(sample);
    if (!kind.fitSample(pairs.points, sample, trial.model, bounds)) continue;
    if (!evaluate(trial, best) || trial.count < sampleSize) continue;
    copyCandidate(best, trial);
    if (settings.localOptimization) optimize(kind, pairs, bounds, evaluate, best, trial);
    needed = Math.min(needed, iterationsNeeded(best, pairs.count, sampleSize, settings));
  }
  if (settings.localOptimization && best.count > sampleSize) {
    copyCandidate(trial, best);
    const isPossible = kind.refine(pairs.points, best.selected, best.count, trial.model, bounds);
    if (isPossible && evaluate(trial, best)) copyCandidate(best, trial);
  }
  if (best.count < least) return nothing(kind, pairs, iterations);
  const inliers = new Uint8Array(pairs.count);
  for (let s = 0; s < best.count; s++) inliers[best.selected[s]!] = 1;
  return { model: best.model, inliers, inlierCount: best.count, iterations };
}

function nothing({ length }: ModelKind, { count }: PointPairs, iterations: number): RansacResult {
  return {
    model: new Float64Array(length).fill(Number.NaN),
    inliers: new Uint8Array(count),
    inlierCount: 0,
    iterations,
  };
}

function innerBounds({ from, to }: PointPairs, settings: RansacSettings): Bounds {
  const ratio = to.scale / from.scale;
  return {
    least: (settings.minimumScale * ratio) ** 2,
    largest: (settings.maximumScale * ratio) ** 2,
    allowReflection: settings.allowReflection,
  };
}

function createCandidate({ length }: ModelKind, pairs: number): Candidate {
  return { model: new Float64Array(length), selected: new Int32Array(pairs), count: 0, sum: Infinity };
}

function copyCandidate(target: Candidate, source: Candidate): void {
  target.model.set(source.model);
  target.selected.set(source.selected);
  target.count = source.count;
  target.sum = source.sum;
}

/** Repeats the fit to the inliers while that finds more, or as many with smaller errors. */
function optimize(
  kind: ModelKind,
  pairs: PointPairs,
  bounds: Bounds,
  evaluate: (candidate: Candidate, best: Candidate) => boolean,
  best: Candidate,
  trial: Candidate,
): void {
  if (best.count <= kind.sampleSize) return;
  for (let fit = 0; fit < mostLocalFits; fit++) {
    if (!kind.fitSelected(pairs.points, best.selected, best.count, trial.model, bounds)) return;
    const before = best.count;
    if (!evaluate(trial, best)) return;
    copyCandidate(best, trial);
    if (best.count === before) return;
  }
}

/** Finds the inliers of a candidate's model; false, and the rest undefined, where it is not better than the best. */
function createEvaluation(
  kind: ModelKind,
  pairs: PointPairs,
  { maxError, symmetric, oneToOne }: RansacSettings,
): (candidate: Candidate, best: Candidate) => boolean {
  const { count, points, from, to, sameFrom, sameTo } = pairs;
  const limit = (maxError * to.scale) ** 2;
  const backWeight = (to.scale / from.scale) ** 2;
  const errors = new Float64Array(count);
  const once = oneToOne && Math.min(pairs.distinctFrom, pairs.distinctTo) < count;
  const takenFrom = new Int32Array(once ? count : 0);
  const takenTo = new Int32Array(once ? count : 0);
  let round = 0;
  return (candidate, best) => {
    const { model, selected } = candidate;
    let agreeing = 0;
    let sum = 0;
    round += 1;
    for (let first = 0; first < count; first += blockSize) {
      const end = Math.min(count, first + blockSize);
      if (symmetric) kind.symmetricErrors(points, model, first, end, errors, backWeight);
      else kind.oneWayErrors(points, model, first, end, errors);
      for (let pair = first; pair < end; pair++) {
        const error = errors[pair]!;
        if (!(error <= limit)) continue;
        if (once) {
          if (takenFrom[sameFrom[pair]!] === round || takenTo[sameTo[pair]!] === round) continue;
          takenFrom[sameFrom[pair]!] = round;
          takenTo[sameTo[pair]!] = round;
        }
        selected[agreeing++] = pair;
        sum += error;
      }
      if (agreeing + count - end < best.count) return false;
    }
    candidate.count = agreeing;
    candidate.sum = sum;
    return agreeing > best.count || (agreeing === best.count && sum < best.sum);
  };
}

/** Share of random pairs that agree with a wrong model, and the sigmas above it that tell chance from structure. */
const chance = 0.05;
const sigmas = 1.645;

/** Fewer first pairs than this tell nothing about a share. */
const leastPrefix = 20;

/**
 * Samples after which, with the given confidence, one of inliers only has been drawn: `log(1 - c) / log(1 - (I / n)^m)`,
 * of all pairs, or, where the best come first, of the first n pairs for the n that asks for fewest and holds more
 * inliers than chance puts there.
 */
function iterationsNeeded(
  best: Candidate,
  count: number,
  sampleSize: number,
  { confidence, progressive }: RansacSettings,
): number {
  let share = best.count / count;
  if (progressive) {
    for (let s = 0; s < best.count; s++) {
      const n = best.selected[s]! + 1;
      if ((s + 1) / n <= share || n <= sampleSize) continue;
      const others = n - sampleSize;
      const random = sampleSize + others * chance + sigmas * Math.sqrt(others * chance * (1 - chance));
      if (s + 1 > random && n >= leastPrefix) share = (s + 1) / n;
    }
  }
  if (share >= 1) return 1;
  return Math.ceil(Math.log1p(-confidence) / Math.log1p(-(share ** sampleSize)));
}
