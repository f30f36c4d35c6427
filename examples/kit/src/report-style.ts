/** Escapes text for HTML content and attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** The report's style sheet. Right and wrong differ in hue, in line style and by a mark in the caption. */
export const pageStyle: string = `
:root { color-scheme: light; --right: #0a7d55; --wrong: #c2410c; --line: #d0d7de; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; margin: 0 auto; max-width: 1280px; padding: 24px; }
h1 { font-size: 26px; margin: 0 0 8px; }
h2 { font-size: 19px; margin: 36px 0 12px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 4px; color: #57606a; }
header p { margin: 2px 0; color: #57606a; }
table { border-collapse: separate; border-spacing: 0; }
caption { text-align: left; padding-bottom: 6px; color: #57606a; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
thead th { font-weight: 600; vertical-align: bottom; }
td, thead th { white-space: nowrap; }
thead .group { text-align: left; border-left: 1px solid var(--line); padding-left: 12px; }
tbody th { font-weight: 400; min-width: 4.5em; }
.begins { border-left: 1px solid var(--line); }
td.right, th.right { text-align: right; padding-left: 12px; }
td.left, th.left { text-align: left; }
.missing { color: #57606a; }
.heat { background: color-mix(in srgb, #8ec1f5 var(--share), #fff); }
.wide { overflow-x: auto; max-width: 100%; }
.wide th:first-child, .wide tbody th { position: sticky; left: 0; background: #fff; }
.notes { max-width: 100ch; font-size: 13px; color: #57606a; }
.notes p { margin: 6px 0 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 24px; }
.chart { min-width: 0; max-width: 900px; }
.chart figcaption { font-size: 13px; font-weight: 600; color: #57606a; margin: 0 0 4px; }
article { display: flex; gap: 16px; margin-bottom: 28px; }
.query { flex: 0 0 170px; }
.query figure { width: 170px; }
.rows { flex: 1; min-width: 0; }
.row { display: flex; gap: 6px; overflow-x: auto; padding-bottom: 8px; }
figure { margin: 0; flex: 0 0 98px; }
figure img { display: block; width: 100%; height: 78px; object-fit: cover; border-radius: 3px; }
.query figure img { height: auto; }
figcaption { font-size: 11px; line-height: 1.3; margin-top: 3px; overflow-wrap: anywhere; }
.right img { outline: 3px solid var(--right); outline-offset: -3px; }
.wrong img { outline: 3px dashed var(--wrong); outline-offset: -3px; }
.right figcaption { color: var(--right); }
.wrong figcaption { color: var(--wrong); }
@media (max-width: 640px) {
  body { padding: 14px; }
  h1 { font-size: 22px; }
  th, td { padding: 5px 10px 5px 0; }
  td.right, th.right { padding-left: 10px; }
  article { flex-direction: column; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  .wide { overflow: visible; }
  .row { flex-wrap: wrap; overflow: visible; }
  th, td { padding: 2px 5px 2px 0; }
  td.right, th.right { padding-left: 5px; }
  thead .group { padding-left: 5px; }
  tr, article, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
  .notes { font-size: 10px; }
  .heat { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
