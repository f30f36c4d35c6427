import Table from "cli-table3";
import { alignmentOf, cellsOf, isEmphasized, notesOf, type ReportTable } from "./report-table.ts";

/** The table for a terminal: title, caption, cells in a frame, notes. A star marks cells that stand out. */
export function textTable(table: ReportTable): string {
  const groups = table.columns.map(({ group }) => group?.split(" ") ?? []);
  const depth = Math.max(0, ...groups.map((lines) => lines.length));
  const frame = new Table({
    // A line for each word of a group, so that its columns stay narrow; all titles on the last line.
    head: table.columns.map(({ title }, column) =>
      [...Array<string>(depth - groups[column]!.length).fill(""), ...groups[column]!, title].join("\n"),
    ),
    colAligns: table.columns.map((_, column) => alignmentOf(table, column)),
    style: { head: [], border: [], compact: true },
  });
  frame.push(...markedCells(table, (text) => `*${text}`));
  return [table.title, ...captionOf(table), frame.toString(), ...notesOf(table)].join("\n");
}

/**
 * The table in GitHub's Markdown, without its title: caption, cells, notes. Cells that stand out are bold, and a
 * column's group is part of its heading.
 */
export function markdownTable(table: ReportTable): string {
  const heads = table.columns.map(({ group, title }) => (group === undefined ? title : `${group}: ${title}`));
  const rows = [heads, ...markedCells(table, (text) => `**${text}**`)].map((row) =>
    row.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")),
  );
  const widths = heads.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const sides = heads.map((_, column) => alignmentOf(table, column));
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  const padded = rows.map((row) =>
    row.map((text, column) =>
      sides[column] === "left" ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
    ),
  );
  const rule = widths.map((width, column) =>
    sides[column] === "left" ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const grid = [line(padded[0]!), line(rule), ...padded.slice(1).map(line)].join("\n");
  return [...captionOf(table), grid, ...notesOf(table)].join("\n\n");
}

function markedCells(table: ReportTable, mark: (text: string) => string): string[][] {
  return cellsOf(table).map((cells, row) =>
    cells.map((text, column) => (isEmphasized(table, row, column) ? mark(text) : text)),
  );
}

function captionOf({ caption }: ReportTable): string[] {
  return caption === undefined ? [] : [caption];
}
