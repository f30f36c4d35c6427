import {
  formatDifference,
  formatInterval,
  formatPValue,
  formatShare,
  formatValue,
  headingOf,
  none,
} from "./format.ts";
import { type Cell, type Column, createLeaderboard, type Leaderboard, type Row } from "./leaderboard.ts";
import type { LeaderboardOptions, LeaderboardRun } from "./options.ts";
import { countChanges, type QueryTable, queryScale, queryTables } from "./queries.ts";

/**
 * A leaderboard of runs as plain text for a terminal: one line per run, best first, columns aligned, the best value
 * of each column marked with `*`.
 *
 * Where scores have intervals, p values, or a baseline to differ from, each has its own column. With `perQuery` and
 * `queries` tables of the largest changes and of the worst and best queries follow.
 *
 * @param runs - What is compared, in any order.
 * @param options - The metrics, and what to show.
 * @returns Lines that end in line feeds.
 * @throws RangeError if two runs have the same name, `baseline` or `detail` is not the name of a run, there is no
 * metric, `perQuery` is not as long as `queries`, or a number is out of range.
 *
 * @example
 * ```ts
 * import { leaderboardText } from "@lmk/eval/report";
 *
 * const runs = [
 *   { name: "baseline", scores: { map: 0.3012 } },
 *   { name: "αQE", scores: { map: { value: 0.3275, pValue: 0.004 } } },
 * ];
 * const metrics = [{ key: "map", label: "mAP@100" }];
 * const lines = leaderboardText(runs, { metrics, baseline: "baseline" }).split("\n");
 * console.log(lines[3]); // => #  run      │ mAP@100, %  change      p
 * console.log(lines[5]); // => 1  αQE      │     32.75*   +2.63  0.004
 * ```
 */
export function leaderboardText(runs: readonly LeaderboardRun[], options: LeaderboardOptions): string {
  const board = createLeaderboard("leaderboardText", runs, options);
  const parts = [heading(board), mainTable(board), queriesText(board)];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function heading(board: Leaderboard): string {
  const lines = [board.title, board.description, legendOf(board)];
  return lines
    .filter((line) => line !== "")
    .map(oneLine)
    .join("\n");
}

function mainTable(board: Leaderboard): string {
  const headings = ["#", "run"];
  const groupStarts = new Set<number>();
  for (const column of board.columns) {
    groupStarts.add(headings.length);
    headings.push(...headingsOf(column, board));
  }
  const rows = board.rows.map((row, i) => [String(i + 1), nameOf(row), ...cellsOf(row, board)]);
  return alignColumns(headings, rows, 2, groupStarts);
}

/** What the marks and columns of a leaderboard mean. */
export function legendOf({ columns, level, baseline }: Leaderboard, mark = "* best of its column"): string {
  const directions = new Set(columns.map(({ better }) => better));
  const notes = [];
  if (directions.size === 1) notes.push(`${directions.has("lower") ? "Lower" : "Higher"} is better`);
  else notes.push(`Higher is better, lower where marked ↓`);
  notes.push(mark);
  if (columns.some(({ hasIntervals }) => hasIntervals)) {
    notes.push(`[ ] ${formatShare(level)} % interval`);
  }
  if (baseline !== undefined) notes.push(`change: against ${baseline.name}`);
  if (columns.some(({ hasPValues }) => hasPValues))
    notes.push("p: probability of at least this change between equals");
  return notes.join("; ");
}

/** Heading of a column, with an arrow where lower values are better and others are not. */
export function markedHeadingOf(column: Column, board: Leaderboard): string {
  const isMarked = column.better === "lower" && board.columns.some(({ better }) => better === "higher");
  return headingOf(column) + (isMarked ? " ↓" : "");
}

function headingsOf(column: Column, board: Leaderboard): string[] {
  return [
    markedHeadingOf(column, board),
    ...(column.hasIntervals ? ["interval"] : []),
    ...(board.baseline === undefined ? [] : ["change"]),
    ...(column.hasPValues ? ["p"] : []),
  ];
}

function cellsOf(row: Row, board: Leaderboard): string[] {
  return row.cells.flatMap((cell, i) => {
    const column = board.columns[i]!;
    return [
      formatValue(cell.value, column) + (cell.isBest ? "*" : " "),
      ...(column.hasIntervals ? [intervalText(cell, column)] : []),
      ...(board.baseline === undefined ? [] : [differenceText(cell, column)]),
      ...(column.hasPValues ? [pValueText(cell)] : []),
    ];
  });
}

export function intervalText({ interval }: Cell, column: Column): string {
  return interval === undefined ? none : formatInterval(interval, column);
}

export function differenceText({ difference }: Cell, column: Column): string {
  return difference === undefined ? none : formatDifference(difference, column);
}

export function pValueText({ pValue }: Cell): string {
  return pValue === undefined ? none : formatPValue(pValue);
}

function nameOf({ run, isBaseline }: Row): string {
  return run.name + (isBaseline && run.name !== "baseline" ? " (baseline)" : "");
}

function queriesText(board: Leaderboard): string {
  const tables = queryTables(board);
  if (tables.length === 0) return "";
  const counts = countChanges(board);
  const against = counts === "" ? "" : ` against ${board.baseline!.name}: ${counts}`;
  const title = `Queries of ${board.detail!.name}${against} (${board.queryMetric}, %)`;
  return [oneLine(title), ...tables.map((table) => queryTableText(table))].join("\n\n");
}

function queryTableText({ title, rows }: QueryTable): string {
  const hasBaseline = rows.some(({ baseline }) => !Number.isNaN(baseline));
  const headings = ["query", ...(hasBaseline ? ["baseline"] : []), "run", ...(hasBaseline ? ["change"] : [])];
  const lines = rows.map(({ id, value, baseline, change }) => {
    const run = formatValue(value, queryScale);
    if (!hasBaseline) return [id, run];
    return [id, formatValue(baseline, queryScale), run, formatDifference(change, queryScale)];
  });
  return `${title}\n${alignColumns(headings, lines, 1)}`;
}

/**
 * Lines with columns two blanks apart: the first ones to the left, the others, which are numbers, to the right, with
 * a line before each that starts a group.
 */
function alignColumns(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns: number,
  groupStarts: ReadonlySet<number> = new Set(),
): string {
  const table = [headings, ...rows].map((cells) => cells.map(oneLine));
  const widths = headings.map((_, i) => Math.max(...table.map((cells) => widthOf(cells[i]!))));
  const join = (cells: readonly string[], gap: string, groupGap: string): string => {
    const [first, ...rest] = cells;
    return rest.reduce((line, cell, i) => line + (groupStarts.has(i + 1) ? groupGap : gap) + cell, first!);
  };
  const lines = table.map((cells) => {
    const padded = cells.map((cell, i) => {
      const padding = " ".repeat(widths[i]! - widthOf(cell));
      return i < leftColumns ? cell + padding : padding + cell;
    });
    return join(padded, "  ", " │ ").trimEnd();
  });
  const rules = widths.map((width) => "─".repeat(width));
  return [lines[0]!, join(rules, "──", "─┼─"), ...lines.slice(1)].join("\n");
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

const wide = /[\p{Script=Han}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u30ff\uff01-\uff60]/u;

/** Cells of a terminal: two for East Asian letters and emoji, none for a mark on a letter. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{M}\p{Cf}]/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}
