import { join } from "node:path";
import { type ReportCurve, renderCurves } from "./report-curve.ts";
import { escapeHtml, pageStyle } from "./report-style.ts";
import type { ReportTable } from "./report-table.ts";
import { renderTable } from "./report-table-page.ts";
import { markdownTable } from "./report-text.ts";
import { writeWhole } from "./run-folder.ts";

/** One photo of the report. */
export interface ReportPhoto {
  /** JPEG, as base64. */
  readonly jpeg: string;
  /** Shown below the photo. */
  readonly caption: string;
  /** `undefined` for the query itself. */
  readonly right?: boolean;
}

/** A query with two lists of results, such as before and after re-ranking. */
export interface ComparedLists<Photo> {
  readonly query: Photo;
  readonly before: { readonly label: string; readonly photos: readonly Photo[] };
  readonly after: { readonly label: string; readonly photos: readonly Photo[] };
}

/** One query as the report shows it. */
export type ReportQuery = ComparedLists<ReportPhoto>;

/** What the report shows, from the top. */
export interface Report {
  readonly title: string;
  /** Plain sentences below the title. */
  readonly summary: readonly string[];
  readonly tables: readonly ReportTable[];
  /** Charts, below the tables; those without values are left out. */
  readonly curves: readonly ReportCurve[];
  /**
   * What stands above the charts.
   *
   * @defaultValue "Training"
   */
  readonly curvesTitle?: string;
  readonly sections: readonly { readonly title: string; readonly queries: readonly ReportQuery[] }[];
}

/** Writes a report into a folder: `report.html`, and its tables alone in Markdown, `tables.md`. */
export function writeReport(folder: string, report: Report): void {
  writeWhole(join(folder, "report.html"), renderReport(report));
  const tables = report.tables.map((table) => `## ${table.title}\n\n${markdownTable(table)}\n`);
  writeWhole(join(folder, "tables.md"), tables.join("\n"));
}

/** The report as one HTML file that needs nothing else: photos, styles and charts are inside. */
export function renderReport(report: Report): string {
  const curves = renderCurves(report.curves, report.curvesTitle ?? "Training");
  const title = escapeHtml(report.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${curves.style}${pageStyle}</style>
</head>
<body>
<header><h1>${title}</h1>${report.summary.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</header>
<main>
${report.tables.map((table, i) => renderTable(table, `table-${i}`)).join("\n")}
${curves.section}
${report.sections.map(section).join("\n")}
</main>
${curves.script}
</body>
</html>
`;
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
