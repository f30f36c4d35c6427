import { type Report, renderReport } from "@lmk-example/kit";
import { expect, it } from "vitest";

const photo = { jpeg: "AAAA", caption: 'a <b> "c"' };
const report: Report = {
  title: "A & B",
  summary: ["one line"],
  table: { header: ["method", "mAP@100"], rows: [["baseline", "12.00"]] },
  curve: { step: [1, 2], loss: [3, 2], learningRate: [0.1, 0.05] },
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

it("is one file that loads nothing from elsewhere", () => {
  const html = renderReport(report);
  const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
  expect(sources.length).toBeGreaterThan(0);
  for (const source of sources) expect(source.startsWith("data:")).toBe(true);
});

it("escapes what comes from names of files", () => {
  const html = renderReport(report);
  expect(html).toContain("A &amp; B");
  expect(html).toContain("a &lt;b&gt; &quot;c&quot;");
  expect(html).not.toContain("a <b>");
});

it("tells right from wrong by class and by a mark", () => {
  const html = renderReport(report);
  expect(html.match(/<figure class="right">/g)).toHaveLength(1);
  expect(html.match(/<figure class="wrong">/g)).toHaveLength(1);
  expect(html).toContain("✓ a");
  expect(html).toContain("✗ a");
});
