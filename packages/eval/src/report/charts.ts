// Inline SVG in the classes of style.ts, so that one drawing is right on light and dark.
import { escapeHtml } from "./escape.ts";
import type { Cell, Leaderboard } from "./leaderboard.ts";
import type { LeaderboardRun } from "./options.ts";

const width = 640;
const height = 300;
const margin = { left: 44, right: 12, top: 12, bottom: 40 };
const innerWidth = width - margin.left - margin.right;
const innerHeight = height - margin.top - margin.bottom;
const mostPoints = 400;
const mostCurves = 6;

/** The runs that have curves: the best six with values per query, and the baseline among them. */
export function runsWithCurves({ rows, baseline }: Leaderboard): readonly LeaderboardRun[] {
  const runs = rows.map(({ run }) => run).filter((run) => sortedValues(run).length > 0);
  const shown = runs.slice(0, mostCurves);
  if (baseline !== undefined && runs.includes(baseline) && !shown.includes(baseline)) {
    shown[mostCurves - 1] = baseline;
  }
  return shown;
}

/** Values per query of each run, sorted from best to worst, over the share of queries. */
export function sortedCurves(runs: readonly LeaderboardRun[], label: string): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const grid = ticks.map((tick) => {
    const y = yOf(tick);
    const x = margin.left + tick * innerWidth;
    const line = `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}"/>`;
    const left = `<text x="${margin.left - 8}" y="${y + 4}" text-anchor="end">${tick * 100}</text>`;
    const below = `<text x="${x}" y="${height - margin.bottom + 18}" text-anchor="middle">${tick * 100}</text>`;
    return line + left + below;
  });
  const curves = runs.map((run, i) => `<polyline class="curve s${i}" points="${pointsOf(run)}"/>`);
  const name = escapeHtml(`Sorted ${label} of ${runs.length} runs over the share of queries`);
  const axis = `<text x="${margin.left + innerWidth / 2}" y="${height - 4}" text-anchor="middle">share of queries, best first, %</text>`;
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}">${grid.join("")}${axis}${curves.join("")}</svg>`;
}

/** A short stroke as in the curve of run `i`. */
export function swatch(i: number): string {
  return `<svg class="swatch" viewBox="0 0 28 8" aria-hidden="true"><line class="curve s${i}" x1="0" x2="28" y1="4" y2="4"/></svg>`;
}

function yOf(value: number): number {
  return round(margin.top + (1 - value) * innerHeight);
}

function sortedValues({ perQuery }: LeaderboardRun): Float64Array {
  const values = Float64Array.from(perQuery ?? []).filter((value) => !Number.isNaN(value));
  return values.sort().reverse();
}

/** Each value is a step of its own; of long curves every so-manieth is drawn, the first and the last among them. */
function pointsOf(run: LeaderboardRun): string {
  const values = sortedValues(run);
  const count = Math.min(values.length, mostPoints);
  const points: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = count === 1 ? 0 : Math.round((i * (values.length - 1)) / (count - 1));
    const share = values.length === 1 ? 0.5 : at / (values.length - 1);
    points.push(`${round(margin.left + share * innerWidth)},${yOf(values[at]!)}`);
  }
  return points.join(" ");
}

/** A range of values that several drawings share. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The range of the values and intervals of cells; undefined where there is none or it is a single point. */
export function rangeOf(cells: readonly Cell[]): Range | undefined {
  const values = cells
    .flatMap(({ value, interval }) => [value, interval?.low ?? Number.NaN, interval?.high ?? Number.NaN])
    .filter(Number.isFinite);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low < high ? { low, high } : undefined;
}

/** A value as a dot on the line of its interval, all on one scale. */
export function intervalBar({ value, interval }: Cell, { low, high }: Range): string {
  const at = (x: number): number => round(6 + (108 * (x - low)) / (high - low));
  const isDrawable = Number.isFinite(value);
  const line =
    interval === undefined
      ? ""
      : `<line class="whisker" x1="${at(interval.low)}" x2="${at(interval.high)}" y1="8" y2="8"/>`;
  const dot = isDrawable ? `<circle class="dot" cx="${at(value)}" cy="8" r="3.5"/>` : "";
  return `<svg class="bar" viewBox="0 0 120 16" aria-hidden="true">${line}${dot}</svg>`;
}

/** A change as a bar from the middle; -1 and 1 are the largest of the page. */
export function changeBar(change: number): string {
  const length = round(Math.min(1, Math.abs(change)) * 58);
  const x = change < 0 ? 60 - length : 60;
  const kind = change < 0 ? "loss" : "gain";
  return `<svg class="bar" viewBox="0 0 120 16" aria-hidden="true"><line class="grid" x1="60" x2="60" y1="1" y2="15"/><rect class="${kind}" x="${x}" y="4" width="${length}" height="8"/></svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
