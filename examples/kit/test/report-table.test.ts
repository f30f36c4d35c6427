import { describe, expect, it } from "vitest";
import { renderReport } from "../src/report.ts";
import { gridTable } from "../src/report-grid.ts";
import { largestIn, type ReportTable } from "../src/report-table.ts";
import { markdownTable, textTable } from "../src/report-text.ts";

const table: ReportTable = {
  title: "Methods",
  caption: "mAP@100, percent",
  notes: ["Published: real photos."],
  columns: [
    { title: "method" },
    { title: "Private", group: "published", decimals: 2 },
    { title: "ours", decimals: 1 },
    { title: "from", align: "left" },
  ],
  rows: [
    ["a | b", 30.2, undefined, "x"],
    ["both", 37.23, 41, "yy"],
  ],
  emphasis: [[1, 1]],
};

describe("textTable", () => {
  it("frames the cells below title and caption, groups above headings, notes below", () => {
    expect(textTable(table)).toBe(
      [
        "Methods",
        "mAP@100, percent",
        "┌────────┬───────────┬──────┬──────┐",
        "│        │ published │      │      │",
        "│ method │   Private │ ours │ from │",
        "├────────┼───────────┼──────┼──────┤",
        "│ a | b  │     30.20 │    – │ x    │",
        "│ both   │    *37.23 │ 41.0 │ yy   │",
        "└────────┴───────────┴──────┴──────┘",
        "Published: real photos.",
        "–: not published, or not measured",
      ].join("\n"),
    );
  });

  it("has one line of headings without groups", () => {
    const plain = { title: "T", columns: [{ title: "a" }], rows: [["b"]] };
    expect(textTable(plain)).toBe(["T", "┌───┐", "│ a │", "├───┤", "│ b │", "└───┘"].join("\n"));
  });
});

describe("markdownTable", () => {
  it("pads and aligns the columns, escapes bars, prints what stands out in bold", () => {
    expect(markdownTable(table)).toBe(
      [
        "mAP@100, percent",
        "",
        "| method | published: Private | ours | from |",
        "| ------ | -----------------: | ---: | ---- |",
        "| a \\| b |              30.20 |    – | x    |",
        "| both   |          **37.23** | 41.0 | yy   |",
        "",
        "Published: real photos.",
        "",
        "–: not published, or not measured",
      ].join("\n"),
    );
  });
});

describe("largestIn", () => {
  it("gives every cell with a column's largest number, none for a column without numbers", () => {
    const rows = [
      ["a", 2.5, undefined, "x"],
      ["b", 3, 2, "y"],
      ["c", 3, -5, "z"],
    ];
    expect(largestIn(rows, [1, 2, 3])).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
    ]);
  });
});

describe("gridTable", () => {
  const grid = gridTable({
    title: "Kept",
    row: { name: "F", values: [1, 2] },
    columnName: "V",
    groups: [
      {
        title: "published",
        columns: [20, 30],
        valueAt: (f, v) => (f === 2 && v === 30 ? undefined : 1000 * f * v),
      },
      { title: "ours", columns: [30], valueAt: (f) => f / 4, decimals: 2 },
    ],
  });

  it("has a row and a column for each value, groups side by side", () => {
    expect(markdownTable(grid)).toBe(
      [
        "|       | published: V = 20 | published: V = 30 | ours: V = 30 |",
        "| ----- | ----------------: | ----------------: | -----------: |",
        "| F = 1 |            20,000 |            30,000 |         0.25 |",
        "| F = 2 |            40,000 |                 – |         0.50 |",
        "",
        "–: not published, or not measured",
      ].join("\n"),
    );
  });

  it("tints each group by the share of its own largest number, and the text keeps the number", () => {
    const html = renderReport({ title: "r", summary: [], tables: [grid], curves: [], sections: [] });
    const tints = [...html.matchAll(/style="--share:(\d+)%">([^<]*)</g)].map(([, share, text]) => [
      share,
      text,
    ]);
    expect(tints).toEqual([
      ["50", "20,000"],
      ["75", "30,000"],
      ["50", "0.25"],
      ["100", "40,000"],
      ["100", "0.50"],
    ]);
  });
});
