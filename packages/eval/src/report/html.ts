import {
  changeBar,
  intervalBar,
  type Range,
  rangeOf,
  runsWithCurves,
  sortedCurves,
  swatch,
} from "./charts.ts";
import { escapeHtml } from "./escape.ts";
import { formatDifference, formatValue } from "./format.ts";
import { type Cell, type Column, createLeaderboard, type Leaderboard } from "./leaderboard.ts";
import type { LeaderboardOptions, LeaderboardRun } from "./options.ts";
import { countChanges, type QueryRow, type QueryTable, queryScale, queryTables } from "./queries.ts";
import { style } from "./style.ts";
import { differenceText, intervalText, legendOf, markedHeadingOf, pValueText } from "./text.ts";

/**
 * A leaderboard of runs as one HTML page: the table of {@link leaderboardText} with intervals drawn to one scale,
 * curves of the sorted values per query, and tables of the largest changes and the worst and best queries.
 *
 * The page needs nothing but itself: no script, no request (its content security policy allows none), readable in
 * light and dark, printable, with a caption and scopes on each table. Every name and id is escaped.
 *
 * @param runs - What is compared, in any order.
 * @param options - The metrics, and what to show.
 * @returns The page, from its doctype on.
 * @throws RangeError as {@link leaderboardText}.
 *
 * @example
 * ```ts
 * import { leaderboardHtml } from "@lmk/eval/report";
 *
 * const page = leaderboardHtml([{ name: "<b>", scores: { map: 0.3 } }], {
 *   metrics: [{ key: "map", label: "mAP@100" }],
 * });
 * console.log(page.includes("&lt;b&gt;"), page.includes("<script")); // => true false
 * ```
 */
export function leaderboardHtml(runs: readonly LeaderboardRun[], options: LeaderboardOptions): string {
  const board = createLeaderboard("leaderboardHtml", runs, options);
  const title = escapeHtml(board.title);
  const description = board.description === "" ? "" : `<p>${escapeHtml(board.description)}</p>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${description}${mainTable(board)}
${curves(board)}${querySections(board)}</main>
</body>
</html>
`;
}

function mainTable(board: Leaderboard): string {
  const legend = escapeHtml(`${legendOf(board, "best of its column in bold")}.`);
  const count = board.rows.length === 1 ? "One run" : `${board.rows.length} runs, best first`;
  const caption = escapeHtml(`${count} by ${board.columns[0]!.label}`);
  const range = rangeOf(board.rows.map(({ cells }) => cells[0]!));
  const rows = board.rows.map((row, i) => {
    const tag = row.isBaseline ? '<span class="tag">baseline</span>' : "";
    const name = `<th scope="row" class="name">${escapeHtml(row.run.name)}${tag}</th>`;
    const cells = row.cells.map((cell, c) =>
      cellsHtml(cell, board.columns[c]!, c === 0 ? range : undefined, board),
    );
    const kind = row.isBaseline ? ' class="baseline"' : "";
    return `<tr${kind}><td class="rank">${i + 1}</td>${name}${cells.join("")}</tr>`;
  });
  return `<p class="note" id="legend">${legend}</p>
${scroll(
  board.title,
  `<table aria-describedby="legend">
<caption>${caption}</caption>
<thead>
${headRows(board)}
</thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`,
)}`;
}

/** Headings of the parts of a column of the board; intervals of the first column are drawn beside their numbers. */
function partsOf(column: Column, { baseline, columns }: Leaderboard): string[] {
  const span = column === columns[0] ? ' colspan="2"' : "";
  return [
    '<th scope="col">score</th>',
    ...(column.hasIntervals ? [`<th scope="col"${span} class="interval">interval</th>`] : []),
    ...(baseline === undefined ? [] : ['<th scope="col">change</th>']),
    ...(column.hasPValues ? ['<th scope="col">p</th>'] : []),
  ];
}

function headRows(board: Leaderboard): string {
  const parts = board.columns.map((column) => partsOf(column, board));
  const depth = parts.some(({ length }) => length > 1) ? 2 : 1;
  const groups = board.columns.map((column, i) => {
    const isDrawn = i === 0 && column.hasIntervals;
    const count = parts[i]!.length + (isDrawn ? 1 : 0);
    const label = escapeHtml(markedHeadingOf(column, board));
    if (count === 1) return `<th scope="col" rowspan="${depth}">${label}</th>`;
    return `<th scope="colgroup" class="group" colspan="${count}">${label}</th>`;
  });
  const first = `<tr><th scope="col" rowspan="${depth}">#</th><th scope="col" rowspan="${depth}" class="name">run</th>${groups.join("")}</tr>`;
  if (depth === 1) return first;
  const second = parts.filter(({ length }) => length > 1).flat();
  return `${first}\n<tr>${second.join("")}</tr>`;
}

function cellsHtml(cell: Cell, column: Column, range: Range | undefined, board: Leaderboard): string {
  const value = formatValue(cell.value, column);
  const score = cell.isBest
    ? `<td class="score best">${value}<span class="hidden"> (best)</span></td>`
    : `<td class="score">${value}</td>`;
  const isDrawn = column === board.columns[0];
  const drawing = isDrawn ? `<td>${range === undefined ? "" : intervalBar(cell, range)}</td>` : "";
  const interval = column.hasIntervals ? `<td class="soft">${intervalText(cell, column)}</td>${drawing}` : "";
  const change = board.baseline === undefined ? "" : `<td>${differenceText(cell, column)}</td>`;
  const p = column.hasPValues ? `<td class="soft">${escapeHtml(pValueText(cell))}</td>` : "";
  return score + interval + change + p;
}

function curves(board: Leaderboard): string {
  const runs = runsWithCurves(board);
  if (runs.length === 0) return "";
  const label = escapeHtml(board.queryMetric);
  const drawn = board.rows.filter(({ run }) => run.perQuery !== undefined).length;
  const left = drawn > runs.length ? ` Drawn are ${runs.length} of ${drawn} runs.` : "";
  const items = runs.map(({ name }, i) => `<li>${swatch(i)}${escapeHtml(name)}</li>`);
  return `<h2>All queries, from best to worst</h2>
<p class="note">Vertical: ${label}, %. Each run's queries are sorted on their own; the area under a curve is about its mean.${left}</p>
<figure>
${sortedCurves(runs, board.queryMetric)}
<figcaption><ul class="legend">${items.join("")}</ul></figcaption>
</figure>
`;
}

function querySections(board: Leaderboard): string {
  const tables = queryTables(board);
  if (tables.length === 0) return "";
  const counts = countChanges(board);
  const against = counts === "" ? "" : ` Against ${board.baseline!.name}: ${counts}.`;
  const largest = Math.max(...tables.flatMap(({ rows }) => rows.map(({ change }) => Math.abs(change) || 0)));
  return `<h2>Queries of ${escapeHtml(board.detail!.name)}</h2>
<p class="note">${escapeHtml(`${board.queryMetric}, %.${against}`)}</p>
<div class="pair">
${tables.map((table) => queryTable(table, largest)).join("\n")}
</div>
`;
}

function queryTable({ title, rows }: QueryTable, largest: number): string {
  const hasBaseline = rows.some(({ baseline }) => !Number.isNaN(baseline));
  const headings = hasBaseline
    ? '<th scope="col">baseline</th><th scope="col">run</th><th scope="col" colspan="2" class="change">change</th>'
    : '<th scope="col">run</th>';
  return `<div class="queries">${scroll(
    title,
    `<table>
<caption>${title}</caption>
<thead><tr><th scope="col" class="id">query</th>${headings}</tr></thead>
<tbody>
${rows.map((row) => queryRow(row, hasBaseline, largest)).join("\n")}
</tbody>
</table>`,
  )}</div>`;
}

function queryRow({ id, value, baseline, change }: QueryRow, hasBaseline: boolean, largest: number): string {
  const name = `<th scope="row" class="id">${escapeHtml(id)}</th>`;
  const run = `<td>${formatValue(value, queryScale)}</td>`;
  if (!hasBaseline) return `<tr>${name}${run}</tr>`;
  const before = `<td class="soft">${formatValue(baseline, queryScale)}</td>`;
  const bar = Number.isNaN(change) || largest === 0 ? "" : changeBar(change / largest);
  return `<tr>${name}${before}${run}<td>${formatDifference(change, queryScale)}</td><td>${bar}</td></tr>`;
}

/** A frame that a wide table scrolls in, reachable by keyboard. */
function scroll(label: string, table: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">\n${table}\n</div>`;
}
