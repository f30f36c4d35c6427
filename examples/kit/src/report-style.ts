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
table { border-collapse: collapse; }
th, td { padding: 6px 16px 6px 0; text-align: right; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
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
`;
