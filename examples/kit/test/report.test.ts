import { describe, expect, it } from "vitest";
import { type Report, renderReport } from "../src/report.ts";
import { trainingCurve } from "../src/report-curve.ts";

const photo = { jpeg: "AAAA", caption: 'a <b> "c"' };
const report: Report = {
  title: "A & B",
  summary: ["one line"],
  tables: [
    {
      title: "Methods",
      caption: "mAP@100, percent",
      notes: ["Published: real photos.", "Ours: generated <ones>."],
      columns: [
        { title: "method" },
        { title: "Private", group: "published", decimals: 2 },
        { title: "Public", group: "published", decimals: 2 },
        { title: "mAP@100", group: "ours", decimals: 2 },
      ],
      rows: [
        ["baseline", 30.2, undefined, 41],
        ["both", 1230, 35.5, undefined],
      ],
      emphasis: [[1, 1]],
    },
  ],
  curves: [
    trainingCurve("first stage", [
      { step: 1, loss: 3, learningRate: 0.1 },
      { step: 2, loss: 2, learningRate: 0.05 },
    ]),
  ],
  sections: [
    {
      title: "Best queries",
      queries: [
        {
          query: photo,
          before: {
            label: "before",
            photos: [
              { ...photo, right: true },
              { ...photo, right: false },
            ],
          },
          after: { label: "after", photos: [] },
        },
      ],
    },
  ],
};

describe("renderReport", () => {
  it("is one file that loads nothing from elsewhere", () => {
    const html = renderReport(report);
    const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source.startsWith("data:")).toBe(true);
    expect(html).not.toMatch(/@import|url\(/);
  });

  it("escapes what comes from names of files", () => {
    const html = renderReport(report);
    expect(html).toContain("A &amp; B");
    expect(html).toContain("a &lt;b&gt; &quot;c&quot;");
    expect(html).not.toContain("a <b>");
    expect(html).toContain("<p>Ours: generated &lt;ones&gt;.</p>");
  });

  it("tells right from wrong by class and by a mark", () => {
    const html = renderReport(report);
    expect(html.match(/<figure class="right">/g)).toHaveLength(1);
    expect(html.match(/<figure class="wrong">/g)).toHaveLength(1);
    expect(html).toContain("✓ a");
    expect(html).toContain("✗ a");
  });

  it("says of every heading what it is the heading of", () => {
    const html = renderReport(report);
    const heads = [...html.matchAll(/<th scope="(\w+)"[^>]*>(.*?)<\/th>/g)].map(([, scope, text]) => [
      scope,
      text,
    ]);
    expect(heads).toEqual([
      ["col", "method"],
      ["colgroup", "published"],
      ["colgroup", "ours"],
      ["col", "Private"],
      ["col", "Public"],
      ["col", "mAP@100"],
      ["row", "baseline"],
      ["row", "both"],
    ]);
    expect(html.match(/<th\b/g)).toHaveLength(heads.length);
    expect(html).toContain('<th scope="col" rowspan="2" class="left">method</th>');
    expect(html).toContain('<th scope="colgroup" colspan="2" class="group">published</th>');
    expect(html).toContain('<div class="wide" role="region" tabindex="0" aria-labelledby="table-0">');
  });

  it("shows numbers with the column's digits, missing ones as a dash that is explained, the best in bold", () => {
    const html = renderReport(report);
    const cells = [...html.matchAll(/<td class="([^"]*)">(.*?)<\/td>/g)].map(([, kind, text]) => [
      kind,
      text,
    ]);
    expect(cells).toEqual([
      ["right begins", "30.20"],
      ["right missing", "–"],
      ["right begins", "41.00"],
      ["right begins", "<strong>1,230.00</strong>"],
      ["right", "35.50"],
      ["right begins missing", "–"],
    ]);
    expect(html).toContain("<p>–: not published, or not measured</p></div>");
    const complete = { ...report.tables[0]!, rows: [["baseline", 1, 2, 3]] };
    expect(renderReport({ ...report, tables: [complete] })).not.toContain("not published");
  });

  it("refuses a row that does not fit its columns", () => {
    const short = { ...report.tables[0]!, rows: [["baseline", 1]] };
    expect(() => renderReport({ ...report, tables: [short] })).toThrow(
      new RangeError("cellsOf: expected row 0 of `Methods` to have 4 cells, got 2"),
    );
  });

  it("draws the curves that have values, says them in words, and needs no script without any", () => {
    const empty = trainingCurve("none", []);
    const html = renderReport({ ...report, curves: [empty, ...report.curves] });
    expect(html).toContain(
      'aria-label="first stage: loss from 3 to 2, learning rate from 0.1 to 0.05; 2 values of step"',
    );
    expect(html.match(/id="curve-/g)).toHaveLength(1);
    const still = renderReport({ ...report, curves: [empty] });
    expect(still).not.toContain("<script");
    expect(still).not.toContain("Training");
  });

  it("cannot be ended early by a label in a script", () => {
    const label = "</script><b>";
    const curve = { title: "a", x: { label, values: [1] }, series: [{ label, values: [1] }] };
    const scripts = (html: string): number => html.match(/<\/script>/g)!.length;
    expect(scripts(renderReport({ ...report, curves: [curve] }))).toBe(scripts(renderReport(report)));
  });
});
