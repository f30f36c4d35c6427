import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { escapeHtml, pageStyle } from "./report-style.ts";

/** One photo of the report. */
export interface ReportPhoto {
  /** JPEG, as base64. */
  readonly jpeg: string;
  /** Shown below the photo. */
  readonly caption: string;
  /** `undefined` for the query itself. */
  readonly right?: boolean;
}

/** One query with its results before and after re-ranking. */
export interface ReportQuery {
  readonly query: ReportPhoto;
  readonly before: { readonly label: string; readonly photos: readonly ReportPhoto[] };
  readonly after: { readonly label: string; readonly photos: readonly ReportPhoto[] };
}

/** What the report shows, from the top. */
export interface Report {
  readonly title: string;
  /** Plain sentences below the title. */
  readonly summary: readonly string[];
  readonly table: { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** Training curve: one point per recorded step; without steps it is left out. */
  readonly curve: {
    readonly step: readonly number[];
    readonly loss: readonly number[];
    readonly learningRate: readonly number[];
  };
  readonly sections: readonly { readonly title: string; readonly queries: readonly ReportQuery[] }[];
}

const uplot = dirname(createRequire(import.meta.url).resolve("uplot/package.json"));

/** The report as one HTML file that needs nothing else: photos, styles and the chart are inside. */
export function renderReport(report: Report): string {
  const chartScript = readFileSync(join(uplot, "dist", "uPlot.iife.min.js"), "utf8");
  const hasCurve = report.curve.step.length > 0;
  const chartStyle = readFileSync(join(uplot, "dist", "uPlot.min.css"), "utf8");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(report.title)}</title>
<style>${chartStyle}${pageStyle}</style>
</head>
<body>
<header><h1>${escapeHtml(report.title)}</h1>${report.summary.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</header>
<section><h2>Results</h2>${table(report.table)}</section>
${hasCurve ? '<section><h2>Training</h2><div id="curve"></div></section>' : ""}
${report.sections.map(section).join("\n")}
${hasCurve ? `<script>${chartScript}</script>\n<script>${curveScript(report.curve)}</script>` : ""}
</body>
</html>
`;
}

function table({ header, rows }: Report["table"]): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
  return `<table><thead><tr>${cells(header, "th")}</tr></thead><tbody>${body}</tbody></table>`;
}

function section({ title, queries }: Report["sections"][number]): string {
  return `<section><h2>${escapeHtml(title)}</h2>${queries.map(queryBlock).join("\n")}</section>`;
}

function queryBlock({ query, before, after }: ReportQuery): string {
  return `<article>
<div class="query">${photo(query)}</div>
<div class="rows">${resultRow(before)}${resultRow(after)}</div>
</article>`;
}

function resultRow({ label, photos }: ReportQuery["before"]): string {
  return `<h3>${escapeHtml(label)}</h3><div class="row">${photos.map(photo).join("")}</div>`;
}

function photo({ jpeg, caption, right }: ReportPhoto): string {
  const kind = right === undefined ? "query-photo" : right ? "right" : "wrong";
  const mark = right === undefined ? "" : right ? "✓ " : "✗ ";
  const text = escapeHtml(`${mark}${caption}`);
  return `<figure class="${kind}"><img src="data:image/jpeg;base64,${jpeg}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
}

function curveScript({ step, loss, learningRate }: Report["curve"]): string {
  return `
const data = ${JSON.stringify([step, loss, learningRate])};
const element = document.getElementById("curve");
const chart = new uPlot({
  width: Math.min(element.clientWidth, 900), height: 260,
  scales: { x: { time: false } },
  series: [
    { label: "step" },
    { label: "loss", stroke: "#1f6feb", width: 1.5 },
    { label: "learning rate", stroke: "#b35900", width: 1, dash: [4, 3], scale: "rate" },
  ],
  axes: [ { label: "step" }, { label: "loss" }, { label: "learning rate", scale: "rate", side: 1, size: 70, grid: { show: false } } ],
}, data, element);
addEventListener("resize", () => chart.setSize({ width: Math.min(element.clientWidth, 900), height: 260 }));
`;
}
