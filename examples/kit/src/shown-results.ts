import { say } from "./context.ts";
import type { ReportTable } from "./report-table.ts";
import { textTable } from "./report-text.ts";

/** Shows a table between empty lines. */
export function sayTable(table: ReportTable): void {
  say(`\n${textTable(table)}\n`);
}

/** Shows where a result was written: `submission  runs/…`. */
export function sayFile(what: "submission" | "report", path: string): void {
  say(`${what.padEnd(12)}${path}`);
}
