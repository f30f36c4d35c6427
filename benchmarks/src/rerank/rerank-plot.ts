import type { Need } from "./method.ts";
import { type Box, placeLabels } from "./place-labels.ts";
import type { RerankResults, RerankRow } from "./rerank-results.ts";

const width = 1040;
const height = 660;
const margin = { left: 56, right: 24, top: 84, bottom: 48 };
const fontSize = 11;
/** Of the system's sans serif, on average. */
const characterWidth = 0.6 * fontSize;

const classOf: Readonly<Record<Need, string>> = {
  nothing: "n0",
  graph: "n1",
  "pool graph": "n2",
  "train labels": "n3",
  "train labels, pool graph": "n4",
};

const style = `
  svg { --surface: #ffffff; --text: #1f2328; --muted: #59636e; --grid: #e3e6ea;
    --n0: #2563eb; --n1: #0f8a5f; --n2: #c2570c; --n3: #8b3fc7; --n4: #c0266f;
    font: ${fontSize}px system-ui, sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg { --surface: #14171c; --text: #e6e9ee; --muted: #9aa4b1; --grid: #2b313a;
      --n0: #6ea0ff; --n1: #3fc795; --n2: #f2924a; --n3: #c08bf2; --n4: #f274ab; }
  }
  .surface { fill: var(--surface); } text { fill: var(--text); } .muted { fill: var(--muted); }
  .title { font-size: 16px; font-weight: 600; } .grid { stroke: var(--grid); } .leader { stroke: var(--muted); stroke-width: .6; }
  .base { stroke: var(--muted); stroke-dasharray: 4 4; }
  .rise { stroke-width: 1; opacity: .45; } .ring { fill: var(--surface); stroke-width: 1.4; opacity: .75; }
  ${Object.values(classOf)
    .map(
      (name) =>
        `.dot.${name} { fill: var(--${name}); } .rise.${name}, .ring.${name} { stroke: var(--${name}); }`,
    )
    .join("\n  ")}
`;

/** mAP@100 over time per query, as an SVG that stands alone. */
export function rerankPlot({ set, rows }: RerankResults): string {
  const { xOf, yOf, xTicks, yTicks } = scalesOf(rows);
  const dots = rows.map((row) => ({
    row,
    x: xOf(row.milliseconds),
    y: yOf(row.defaults.mean),
    ring: row.grid.length > 1 ? yOf(row.chosen.mean) : null,
  }));
  const plot = {
    left: margin.left,
    right: width - margin.right,
    top: margin.top,
    bottom: height - margin.bottom,
  };
  const obstacles = dots.flatMap(({ x, y, ring }) => [
    boxAround(x, y),
    ...(ring === null ? [] : [boxAround(x, ring)]),
  ]);
  const labels = placeLabels(
    dots.map(({ row, x, y }) => ({ x, y, width: row.name.length * characterWidth, height: fontSize + 2 })),
    obstacles,
    plot,
  );
  const grid = [
    ...yTicks.map((tick) => {
      const y = yOf(tick);
      return `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}"/><text class="muted" x="${plot.left - 8}" y="${y + 4}" text-anchor="end">${Math.round(100 * tick)}</text>`;
    }),
    ...xTicks.map((tick) => {
      const x = xOf(tick);
      return `<line class="grid" x1="${x}" x2="${x}" y1="${plot.top}" y2="${plot.bottom}"/><text class="muted" x="${x}" y="${plot.bottom + 18}" text-anchor="middle">${tick}</text>`;
    }),
  ];
  const baseline = dots[0]!;
  const marks = dots.map(({ row, x, y, ring }) => {
    const need = classOf[row.needs];
    const rise =
      ring === null
        ? ""
        : `<line class="rise ${need}" x1="${x}" x2="${x}" y1="${y}" y2="${ring}"/><circle class="ring ${need}" cx="${x}" cy="${ring}" r="3"/>`;
    return `${rise}<circle class="dot ${need}" cx="${x}" cy="${y}" r="4.5"><title>${titleOf(row)}</title></circle>`;
  });
  const names = labels.map(({ left, top, leader }, i) => {
    const { row, x, y } = dots[i]!;
    const line =
      leader === null ? "" : `<line class="leader" x1="${x}" y1="${y}" x2="${leader.x}" y2="${leader.y}"/>`;
    return `${line}<text x="${round(left)}" y="${round(top + fontSize)}">${escapeText(row.name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="mAP@100 of ${rows.length} methods over milliseconds per query">
<style>${style}</style>
<rect class="surface" width="${width}" height="${height}"/>
<text class="title" x="${margin.left}" y="26">${escapeText(`Re-ranking, ${set.name} set: mAP@100 over time per query`)}</text>
<text class="muted" x="${margin.left}" y="44">${set.scored} queries. Dot: defaults. Ring: settings chosen on the other half of the queries. Dashed: the first search. Time without graphs and preparation.</text>
${legend(rows)}
${grid.join("\n")}
<line class="base" x1="${plot.left}" x2="${plot.right}" y1="${baseline.y}" y2="${baseline.y}"/>
<text class="muted" x="${(plot.left + plot.right) / 2}" y="${height - 10}" text-anchor="middle">milliseconds per query (logarithmic)</text>
<text class="muted" x="${plot.left}" y="${plot.top - 8}" text-anchor="end">%</text>
${marks.join("\n")}
${names.join("\n")}
</svg>
`;
}

function scalesOf(rows: readonly RerankRow[]) {
  const times = rows.map(({ milliseconds }) => Math.log10(milliseconds));
  const scores = rows.flatMap(({ defaults, chosen }) => [defaults.mean, chosen.mean]);
  const [fastest, slowest] = [Math.min(...times) - 0.1, Math.max(...times) + 0.45];
  const [worst, best] = [Math.min(...scores) - 0.01, Math.max(...scores) + 0.01];
  const across = width - margin.left - margin.right;
  const down = height - margin.top - margin.bottom;
  const step = best - worst > 0.3 ? 0.1 : best - worst > 0.12 ? 0.05 : 0.02;
  const tickCount = Math.floor(best / step) - Math.ceil(worst / step) + 1;
  const decades = Math.floor(slowest) - Math.ceil(fastest) + 1;
  return {
    xOf: (milliseconds: number) =>
      round(margin.left + ((Math.log10(milliseconds) - fastest) / (slowest - fastest)) * across),
    yOf: (score: number) => round(margin.top + ((best - score) / (best - worst)) * down),
    xTicks: Array.from({ length: decades }, (_, i) =>
      Number((10 ** (Math.ceil(fastest) + i)).toPrecision(1)),
    ),
    yTicks: Array.from({ length: tickCount }, (_, i) => (Math.ceil(worst / step) + i) * step),
  };
}

function legend(rows: readonly RerankRow[]): string {
  const needs = (Object.keys(classOf) as Need[]).filter((need) => rows.some((row) => row.needs === need));
  let x = margin.left;
  const entries = needs.map((need) => {
    const text = `needs ${need === "nothing" ? "nothing beyond vectors" : need}`;
    const entry = `<circle class="dot ${classOf[need]}" cx="${x + 4}" cy="60" r="4.5"/><text x="${x + 14}" y="64">${text}</text>`;
    x += 34 + text.length * characterWidth;
    return entry;
  });
  return entries.join("");
}

function titleOf({ name, defaults, milliseconds, needs }: RerankRow): string {
  const settings = defaults.settings === "" ? "" : ` (${defaults.settings})`;
  return escapeText(
    `${name}${settings}: ${(100 * defaults.mean).toFixed(2)}, ${milliseconds.toPrecision(3)} ms, needs ${needs}`,
  );
}

function boxAround(x: number, y: number): Box {
  return { left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 };
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
