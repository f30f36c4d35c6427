import { table } from "../measure/markdown.ts";
import { timedNeighborCount } from "./need-costs.ts";
import { bestSettings, type RerankReport, type RerankRow, type Row2019 } from "./rerank-results.ts";
import type { Score } from "./scores.ts";

/** The tables of a result, as Markdown. */
export function rerankTables(report: RerankReport): string {
  const { set, rows, needs, table2019, notRun } = report.results;
  const groups = set.groups.length > 1 ? set.groups.map(({ name }) => name) : [];
  const settings = rows.reduce((sum, { grid }) => sum + grid.length, 0);
  return [
    introduction(report),
    table(
      `### ${set.name}: quality`,
      [
        "method",
        "needs beyond vectors",
        "mAP@100",
        "interval",
        "p",
        ...groups,
        "mP@10",
        "chosen on the other half",
        "p",
        "best of the grid, on the same queries",
      ],
      rows.map((row) => [
        row.name,
        row.needs,
        percent(row.defaults.mean),
        `${percent(row.defaults.low)}–${percent(row.defaults.high)}`,
        chance(row.defaults),
        ...groups.map((group) => percent(row.groups[group]!)),
        percent(row.meanPrecision),
        row.grid.length > 1 ? percent(row.chosen.mean) : "",
        row.grid.length > 1 ? chance(row.chosen) : "",
        bestCell(row),
      ]),
      `mAP@100 and mP@10 in percent, with the defaults of @lmk/rerank where no other column is meant; mP@10 is the share of the first ten that is right. Intervals of 95 % by bootstrap; p of a paired permutation test against the first search, not corrected for the ${rows.length - 1} methods. "Chosen on the other half": each half of the queries with the settings that are best on the other. The last column picks the best of ${settings} settings in all on the queries that it is scored on, and so flatters.`,
    ),
    table(
      `### ${set.name}: cost`,
      ["method", "ms per query", "preparation, ms", "that of its needs, ms", "memory, MB", "functions"],
      rows.map((row) => [
        row.name,
        row.milliseconds.toPrecision(3),
        row.prepareMilliseconds < 0.05 ? "" : row.prepareMilliseconds.toPrecision(3),
        row.needs === "nothing" ? "" : needs[row.needs].toPrecision(3),
        (row.memory / 1e6).toFixed(0),
        row.calls,
      ]),
      `One thread, each method in a process of its own, with its defaults. Per query: given the lists of the first search and what it needs; a second search is counted. Preparation: what the method does before there are queries, beyond graphs. A pool graph is one of queries and database together, which new queries change. Needs: exact graphs of ${timedNeighborCount} neighbors, or votes of training rows, for ${set.problems === 1 ? "the set" : `all ${set.problems} folds together`}. Memory: resident at most in the first run, more than before; a set this small shows little more than what the engine takes to compile and collect.`,
    ),
    table(
      `### ${set.name}: the table of 2019`,
      ["method", "Yokoo et al., private", "here", ...groups, "p against the row before"],
      table2019.map((row) => [
        row.title,
        row.published.toFixed(2),
        row.ours === null ? "not run" : percent(row.ours),
        ...groups.map((group) => (row.groups[group] === undefined ? "" : percent(row.groups[group]))),
        row.pValue === null ? "" : probability(row.pValue),
      ]),
      orderText(table2019),
    ),
    `Not run: ${notRun.map(({ name, reason }) => `${name} (${reason})`).join("; ")}.`,
    ...report.failures.map((failure) => `Not measured: ${failure}.`),
  ].join("\n\n");
}

/** Whether methods stand in the published order here, and which neighbors of it do not. */
export function orderText(rows: readonly Row2019[]): string {
  const run = rows.filter((row) => row.ours !== null);
  const turned = run.slice(1).flatMap((row, i) => {
    if (row.ours! > run[i]!.ours!) return [];
    const chance = row.pValue === null ? "" : ` (p ${probability(row.pValue)})`;
    return [`${row.title} is not above ${run[i]!.title}${chance}`];
  });
  const order = run.toSorted((a, b) => a.ours! - b.ours!).map(({ title }) => title);
  const verdict =
    turned.length === 0
      ? "The published order holds"
      : `The published order does not hold: ${turned.join("; ")}`;
  const missing = rows.length === run.length ? "" : ` Of its ${rows.length} methods ${run.length} were run.`;
  return `${verdict}.${missing} Here, from the lowest: ${order.join(" < ")}.`;
}

function introduction({ date, machine, steps, versions, commit, results }: RerankReport): string {
  const { set } = results;
  const groups = set.groups.map(({ name, queries, relevant, sameLabels }) => {
    const labels =
      sameLabels === null
        ? ""
        : `; the label voted for the query is also that of ${percent(sameLabels.right)} % of the right rows and ${percent(sameLabels.wrong)} % of the others`;
    return `${name}: ${queries} queries, ${relevant} right rows in the median${labels}.`;
  });
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}, node ${versions.node}. Medians of up to ${steps} runs.`,
    `${set.description} ${set.queries} queries, ${set.scored} of them with anything to find: ${set.relevant.join(", ")} rows (least, median, most). ${set.columns} columns.`,
    ...groups,
  ].join("\n");
}

function bestCell(row: RerankRow): string {
  if (row.grid.length === 1) return "";
  const { settings, mean } = bestSettings(row);
  return `${percent(mean)} (${settings})`;
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function chance({ pValue }: Score): string {
  return pValue === null ? "" : probability(pValue);
}

function probability(value: number): string {
  return value < 0.001 ? "< 0.001" : value.toFixed(3);
}
