import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";
import { meanOverQueries, pairedPermutationTest } from "@lmk/eval";
import { summarize } from "../measure/interleave.ts";
import type { RankingMethod } from "./method.ts";
import { type MethodRun, runMethodProcess } from "./method-process.ts";
import { otherMethods, table2019 } from "./methods.ts";
import { measureNeeds } from "./need-costs.ts";
import { type PreparedProblem, prepareProblem } from "./prepared-problem.ts";
import type { RerankResults, RerankRow, Row2019, SetFacts } from "./rerank-results.ts";
import { queryCounts, type RetrievalSet } from "./retrieval-set.ts";
import { chooseOnOtherHalf, meansByGroup, summarizeScores } from "./scores.ts";
import { sameLabels } from "./voted-labels.ts";

/** How much is run. */
export interface MeasureSettings {
  /** A folder to write to. */
  readonly folder: string;
  readonly repeats: number;
  readonly grid: boolean;
  readonly tell: (text: string) => void;
}

/** Runs methods one after the other, each in a process of its own; the first is what the others are tested against. */
export async function measureMethods(
  set: RetrievalSet,
  methods: readonly RankingMethod[],
  { folder, repeats, grid, tell }: MeasureSettings,
): Promise<RerankResults> {
  const problems: PreparedProblem[] = [];
  for (const problem of set.problems) problems.push(await prepareProblem(problem));
  writeFileSync(join(folder, "problems"), serialize(problems));
  const needs = measureNeeds(set.problems, repeats);
  const runs = new Map<string, MethodRun>();
  const notRun = [...otherMethods];
  for (const method of methods) {
    if (method.needs.includes("train labels") && problems.some(({ votes }) => votes === undefined)) {
      notRun.push({ name: method.name, reason: "needs labelled training rows" });
      continue;
    }
    const begin = performance.now();
    runs.set(method.name, await runMethodProcess({ method: method.name, folder, repeats, grid }));
    tell(`${method.name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  }
  const baseline = runs.get(methods[0]!.name)!.variants[0]!.scores.averagePrecisions;
  const groups = set.problems.flatMap((problem) => problem.groups);
  const rows = methods.flatMap((method) => {
    const run = runs.get(method.name);
    return run === undefined ? [] : [rowOf(method, run, baseline, groups)];
  });
  return { set: factsOf(set, problems), rows, needs, table2019: compare2019(runs, groups), notRun };
}

function rowOf(
  { name, calls, needs }: RankingMethod,
  run: MethodRun,
  baseline: Float64Array,
  groups: readonly string[],
): RerankRow {
  const [defaults] = run.variants;
  const values = run.variants.map(({ scores }) => scores.averagePrecisions);
  const other = values[0] === baseline ? undefined : baseline;
  return {
    name,
    calls,
    needs,
    defaults: { settings: defaults!.settings, ...summarizeScores(values[0]!, other) },
    groups: meansByGroup(values[0]!, groups),
    meanPrecision: meanOverQueries(defaults!.scores.precisions),
    chosen: summarizeScores(chooseOnOtherHalf(values), other),
    grid: run.variants.map(({ settings }, i) => ({ settings, mean: meanOverQueries(values[i]!) })),
    milliseconds: run.milliseconds / groups.length,
    runs: run.runs,
    prepareMilliseconds: run.prepareMilliseconds,
    memory: run.peak - run.loaded,
  };
}

function compare2019(runs: ReadonlyMap<string, MethodRun>, groups: readonly string[]): Row2019[] {
  let before: Float64Array | undefined;
  return table2019.map((row) => {
    const values = runs.get(row.method)?.variants[0]?.scores.averagePrecisions;
    const tested = values !== undefined && before !== undefined;
    const pValue = tested ? pairedPermutationTest(values, before!).pValue : null;
    before = values;
    if (values === undefined) return { ...row, ours: null, groups: {}, pValue };
    return { ...row, ours: meanOverQueries(values), groups: meansByGroup(values, groups), pValue };
  });
}

function factsOf(set: RetrievalSet, prepared: readonly PreparedProblem[]): SetFacts {
  const { problems, name, description } = set;
  const { all, scored } = queryCounts(set);
  const answers = problems.flatMap(({ relevant, groups }) =>
    relevant.map((rows, query) => ({ group: groups[query]!, count: rows.length })),
  );
  const known = answers.filter(({ count }) => count > 0);
  const { median, min, max } = summarize(known.map(({ count }) => count));
  const names = [...new Set(known.map(({ group }) => group))].toSorted();
  return {
    name,
    description,
    problems: problems.length,
    queries: all,
    scored,
    columns: problems[0]!.queries.columns,
    database: problems[0]!.database.rows,
    relevant: [min, median, max],
    groups: names.map((group) => {
      const counts = known.filter((answer) => answer.group === group).map(({ count }) => count);
      const same = sameLabels(prepared, group) ?? null;
      return { name: group, queries: counts.length, relevant: summarize(counts).median, sameLabels: same };
    }),
  };
}
