import { readFileSync, writeFileSync } from "node:fs";
import type { Report } from "./report.ts";

type Cells = readonly string[];

/** How a result came to be, in a few lines. */
export function introduction({ date, machine, threads, warmup, steps, versions, commit }: Report): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu}, commit ${commit.slice(0, 9)}. Medians of ${steps} runs after`,
    `${warmup}, ${threads} threads, the sides in turns; ratios are lmk's time over the other's.`,
    `${names.join(", ")}.`,
  ].join("\n");
}

/** A Markdown table under a title, its columns aligned. */
export function table(title: string, header: Cells, rows: readonly Cells[], note = ""): string {
  const widths = header.map((name, column) =>
    Math.max(...[header, ...rows].map((row) => row[column].length), name.length),
  );
  const line = (cells: Cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const lines = [title, "", line(header), rule, ...rows.map(line)];
  return (note === "" ? lines : [...lines, "", note]).join("\n");
}

/**
 * Puts text between two marks of a page: `<!-- tables of SUBJECT -->` and `<!-- end of tables -->` after it.
 *
 * @throws Error if the page lacks them.
 */
export function writeBetweenMarks(page: string, subject: string, text: string): void {
  const whole = readFileSync(page, "utf8");
  const [opening, closing] = [`<!-- tables of ${subject} -->`, "<!-- end of tables -->"];
  const start = whole.indexOf(opening);
  const end = whole.indexOf(closing, start);
  if (start < 0 || end < start) throw new Error(`${page} lacks ${opening} and ${closing}`);
  writeFileSync(page, `${whole.slice(0, start)}${opening}\n\n${text}\n\n${whole.slice(end)}`);
}
