import { escapeHtml } from "./report-style.ts";
import {
  alignmentOf,
  cellsOf,
  columnGroups,
  isEmphasized,
  notesOf,
  type ReportColumn,
  type ReportTable,
} from "./report-table.ts";

/** A table as HTML: headings with their scope, wide tables in a region that scrolls by itself. */
export function renderTable(table: ReportTable, id: string): string {
  const notes = notesOf(table)
    .map((note) => `<p>${escapeHtml(note)}</p>`)
    .join("");
  const caption = table.caption === undefined ? "" : `<caption>${escapeHtml(table.caption)}</caption>`;
  const described = notes === "" ? "" : ` aria-describedby="${id}-notes"`;
  return `<section><h2 id="${id}">${escapeHtml(table.title)}</h2>
<div class="wide" role="region" tabindex="0" aria-labelledby="${id}">
<table${described}>${caption}${head(table)}${body(table)}</table>
</div>
${notes === "" ? "" : `<div class="notes" id="${id}-notes">${notes}</div>`}
</section>`;
}

function head(table: ReportTable): string {
  const groups = columnGroups(table);
  const hasGroups = groups.some(({ group }) => group !== undefined);
  const first = groups.map(({ group, columns }) =>
    group === undefined
      ? columns.map((column) => columnHead(table, column, ' rowspan="2"')).join("")
      : `<th scope="colgroup" colspan="${columns.length}" class="group">${escapeHtml(group)}</th>`,
  );
  const grouped = groups.filter(({ group }) => group !== undefined).flatMap(({ columns }) => columns);
  const second = (hasGroups ? grouped : table.columns.map((_, column) => column)).map((column) =>
    columnHead(table, column, ""),
  );
  const rows = hasGroups ? [first, second] : [second];
  return `<thead>${rows.map((row) => `<tr>${row.join("")}</tr>`).join("")}</thead>`;
}

function columnHead(table: ReportTable, column: number, span: string): string {
  const { title } = table.columns[column]!;
  const classes = classesOf(table, column).join(" ");
  // A heading without words names nothing: the cell above the names of the rows.
  return title === ""
    ? `<td${span} class="${classes}"></td>`
    : `<th scope="col"${span} class="${classes}">${escapeHtml(title)}</th>`;
}

function body(table: ReportTable): string {
  const tints = tintsOf(table);
  const rows = cellsOf(table).map((cells, row) => {
    const [name, ...values] = cells.map((text, column) => {
      const shown = isEmphasized(table, row, column)
        ? `<strong>${escapeHtml(text)}</strong>`
        : escapeHtml(text);
      const missing = table.rows[row]![column] === undefined ? ["missing"] : [];
      const tint = tints.get(`${row} ${column}`);
      const style = tint === undefined ? "" : ` style="--share:${tint}%"`;
      const heat = tint === undefined ? [] : ["heat"];
      const attributes = ` class="${[...classesOf(table, column), ...missing, ...heat].join(" ")}"${style}`;
      return column === 0 ? `<th scope="row"${attributes}>${shown}</th>` : `<td${attributes}>${shown}</td>`;
    });
    return `<tr>${name}${values.join("")}</tr>`;
  });
  return `<tbody>${rows.join("\n")}</tbody>`;
}

/** Its side, and whether a group of columns begins with it. */
function classesOf(table: ReportTable, column: number): string[] {
  const groupOf = (other: ReportColumn | undefined): string | undefined => other?.group;
  const begins = column > 0 && groupOf(table.columns[column]) !== groupOf(table.columns[column - 1]);
  return [alignmentOf(table, column), ...(begins ? ["begins"] : [])];
}

/** How strong the tint of a cell is, in percent of the strongest, by "row column". */
function tintsOf({ rows, heat = [] }: ReportTable): Map<string, number> {
  const tints = new Map<string, number>();
  for (const columns of heat) {
    const cells = rows.flatMap((row, i) =>
      columns.flatMap((column) => {
        const value = row[column];
        return typeof value === "number" ? [{ key: `${i} ${column}`, value }] : [];
      }),
    );
    const largest = Math.max(...cells.map(({ value }) => value));
    for (const { key, value } of cells) {
      tints.set(key, largest > 0 ? Math.round((100 * Math.max(value, 0)) / largest) : 0);
    }
  }
  return tints;
}
