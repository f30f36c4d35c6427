import { requireOneOf, requirePositiveInteger, requireWithin } from "../require.ts";

/** How the linear system of diffusion is solved. */
export interface DiffusionSolverOptions {
  /**
   * How far similarity spreads, from 0 to below 1.
   *
   * @defaultValue 0.99, as in the paper
   */
  readonly alpha?: number;
  /**
   * Steps of the conjugate gradient at most. At the default `alpha` results depend on it: the method is stopped before
   * it converges.
   *
   * @defaultValue 20, as in the paper and all originals
   */
  readonly maxIterations?: number;
  /**
   * The solver stops once the residual is below this part of the right-hand side; 0 or more.
   *
   * @defaultValue 1e-6, as in all originals
   */
  readonly tolerance?: number;
  /**
   * What is taken when the steps are spent: the last iterate, as in SciPy, or the one with the smallest residual, as in
   * MATLAB's `pcg`, which the paper's authors used.
   *
   * @defaultValue "last"
   */
  readonly iterate?: "last" | "smallest-residual";
}

/** {@link DiffusionSolverOptions}, checked and complete. */
export interface Solver {
  readonly alpha: number;
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly keepBest: boolean;
}

export function solverOf(caller: string, options: DiffusionSolverOptions): Solver {
  const { alpha = 0.99, maxIterations = 20, tolerance = 1e-6, iterate = "last" } = options;
  requireWithin(caller, "alpha", alpha, 0, 1);
  requirePositiveInteger(caller, "maxIterations", maxIterations);
  requireWithin(caller, "tolerance", tolerance, 0, Infinity);
  requireOneOf(caller, "iterate", iterate, ["last", "smallest-residual"]);
  return { alpha, maxIterations, tolerance, keepBest: iterate === "smallest-residual" };
}

/** How the found neighbors of a query become the start of diffusion. */
export interface DiffusionStartOptions {
  /**
   * How many of a query's nearest database rows diffusion starts from; 1 or more. Of shorter lists, all.
   *
   * @defaultValue 10, as in the paper for one vector per image (200 for regions)
   */
  readonly queryNeighborCount?: number;
  /**
   * Exponent on the similarities, 0 or more; in the graph as well, if one is given in place of a matrix.
   *
   * @defaultValue 3, as in the paper
   */
  readonly gamma?: number;
  /**
   * Negative similarities of a query count as 0, as in the paper, or keep their sign, as in fyang93/diffusion and
   * jifeiluo/reranking; to keep them `gamma` must be whole.
   *
   * @defaultValue "zero"
   */
  readonly negatives?: "zero" | "keep";
}

/** What a list of results is made of. */
export interface DiffusionResultOptions {
  /**
   * Length of the lists that come back; 1 or more.
   *
   * @defaultValue that of `neighbors`
   */
  readonly k?: number;
  /**
   * Rows of the first search's list that diffusion does not reach have score 0: they follow in their first order, or
   * are dropped.
   *
   * @defaultValue "keep"
   */
  readonly unreached?: "keep" | "drop";
}

/** Checks and completes the options of results. */
export function resultOptionsOf(
  caller: string,
  options: DiffusionResultOptions,
  k: number,
): { readonly k: number; readonly keep: boolean } {
  const { k: length = k, unreached = "keep" } = options;
  requirePositiveInteger(caller, "k", length);
  requireOneOf(caller, "unreached", unreached, ["keep", "drop"]);
  return { k: length, keep: unreached === "keep" };
}
