import type { Neighbors } from "@lmk/index";
import type { PreparedProblem } from "./prepared-problem.ts";

/** What a method takes beyond vectors and the lists of the first search. */
export type Need = "nothing" | "graph" | "pool graph" | "train labels" | "train labels, pool graph";

/** A method with all its parameters. */
export interface Variant {
  /** The parameters, as text. */
  readonly settings: string;
  /** Work without queries, beyond graphs. */
  readonly prepare: ((problem: PreparedProblem) => unknown) | undefined;
  /** Ranks; what it takes beyond lists and graphs was prepared. */
  readonly run: (problem: PreparedProblem, prepared: unknown) => Neighbors | Promise<Neighbors>;
}

/** A way to rank, with several choices of its parameters. */
export interface RankingMethod {
  readonly name: string;
  /** Functions of `@lmk/rerank` that do it. */
  readonly calls: string;
  readonly needs: Need;
  /** The first has the defaults of the package. */
  readonly variants: readonly Variant[];
}

/** What {@link methodOf} makes a method of. */
export interface MethodSketch<Settings extends object, Prepared> {
  readonly name: string;
  readonly calls: string;
  readonly needs: Need;
  readonly defaults: Settings;
  readonly grid?: readonly Settings[];
  readonly prepare?: (problem: PreparedProblem, settings: Settings) => Prepared;
  readonly run: (
    problem: PreparedProblem,
    settings: Settings,
    prepared: Prepared,
  ) => Neighbors | Promise<Neighbors>;
}

/** A method with one variant per choice of settings, the defaults first. */
export function methodOf<Settings extends object, Prepared = undefined>(
  sketch: MethodSketch<Settings, Prepared>,
): RankingMethod {
  const { name, calls, needs, defaults, grid = [], prepare, run } = sketch;
  const byText = new Map([defaults, ...grid].map((settings) => [settingsText(settings), settings]));
  const variants = [...byText].map(([text, settings]) => ({
    settings: text,
    prepare: prepare === undefined ? undefined : (problem: PreparedProblem) => prepare(problem, settings),
    run: (problem: PreparedProblem, prepared: unknown) => run(problem, settings, prepared as Prepared),
  }));
  return { name, calls, needs, variants };
}

/** All choices of one value per key, the last key's fastest. */
export function gridOf<Settings extends object>(
  values: {
    readonly [Key in keyof Settings]: readonly Settings[Key][];
  },
): Settings[] {
  let choices: Partial<Settings>[] = [{}];
  for (const key of Object.keys(values) as (keyof Settings)[]) {
    choices = choices.flatMap((choice) => values[key].map((value) => ({ ...choice, [key]: value })));
  }
  return choices as Settings[];
}

function settingsText(settings: object): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value === Infinity ? "∞" : String(value)}`)
    .join(", ");
}
