import { type LeaderboardRun, leaderboardHtml } from "@lmk/eval/report";
import { describe, expect, it } from "vitest";

const attack = `"><img src=x onerror='alert(1)'><script>alert(2)</script>&`;
const metrics = [
  { key: "map", label: "mAP@100" },
  { key: "rank", label: "Position", unit: "number" as const, better: "lower" as const },
];

/** Runs with values per query, the first the worst. */
function makeRuns(count: number): LeaderboardRun[] {
  return Array.from({ length: count }, (_, i) => {
    const value = (i + 1) / (count + 1);
    const score = { value, interval: { low: value - 0.02, high: value + 0.03 }, pValue: 0.04 };
    return { name: `run ${i}`, scores: { map: score }, perQuery: [value, value / 2, Number.NaN] };
  });
}

describe("leaderboardHtml", () => {
  it("escapes every text it is given", () => {
    const page = leaderboardHtml(
      [
        { name: attack, scores: { map: 0.4, rank: 3 }, perQuery: [0.5, 0.1] },
        { name: `2${attack}`, scores: { map: 0.5, rank: 2 }, perQuery: [0.4, 0.3] },
      ],
      {
        metrics: [...metrics, { key: "x", label: attack }],
        title: attack,
        description: attack,
        baseline: attack,
        queries: [attack, `2${attack}`],
        queryMetric: attack,
      },
    );
    expect(page).not.toContain("<img");
    expect(page).not.toContain("<script");
    expect(page).not.toContain(attack);
    expect(page).toContain("&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&lt;script&gt;");
  });

  it("asks for nothing from outside", () => {
    const page = leaderboardHtml(makeRuns(3), { metrics, queries: ["a", "b", "c"], baseline: "run 0" });
    expect(page).not.toMatch(/https?:|url\(|@import|<link|<script|src=|href=/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it("has the same page for the same input, and closes what it opens", () => {
    const options = { metrics, queries: ["a", "b", "c"], baseline: "run 0" };
    const page = leaderboardHtml(makeRuns(3), options);
    expect(leaderboardHtml(makeRuns(3), options)).toBe(page);
    const open: string[] = [];
    for (const [tag, close, name] of page.matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
      if (name === "meta" || tag.endsWith("/>")) continue;
      if (close === "") open.push(name!);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("gives each table a caption and as many cells in each row as it has columns", () => {
    const page = leaderboardHtml(makeRuns(3), { metrics, queries: ["a", "b", "c"], baseline: "run 0" });
    const tables = page.match(/<table.*?<\/table>/gs)!;
    expect(tables).toHaveLength(4);
    for (const table of tables) {
      expect(table).toMatch(/<caption>[^<]+<\/caption>/);
      const head = table.slice(0, table.indexOf("</thead>"));
      const firstRow = head.slice(0, head.indexOf("</tr>"));
      const spans = firstRow
        .match(/<th [^>]*>/g)!
        .map((tag) => Number(/colspan="(\d+)"/.exec(tag)?.[1] ?? 1));
      const count = spans.reduce((sum, span) => sum + span, 0);
      for (const [row] of table.slice(head.length).matchAll(/<tr.*?<\/tr>/gs)) {
        expect(row.match(/<t[hd][ >]/g)).toHaveLength(count);
      }
    }
  });

  it("marks the best value of each column also for those who do not see bold", () => {
    const page = leaderboardHtml(
      [
        { name: "a", scores: { map: 0.4, rank: 3 } },
        { name: "b", scores: { map: 0.5, rank: 4 } },
      ],
      { metrics },
    );
    expect(page.match(/class="score best">[^<]+<span class="hidden"> \(best\)/g)).toEqual([
      'class="score best">50.00<span class="hidden"> (best)',
      'class="score best">3.00<span class="hidden"> (best)',
    ]);
  });

  it("draws the curve of each run, sorted, without queries that do not count", () => {
    const perQuery = [0, Number.NaN, 1, 0.5];
    const page = leaderboardHtml([{ name: "a", scores: { map: 0.5 }, perQuery }], { metrics });
    // 584 x 248 units of plot from (44, 12).
    expect(page).toContain('points="44,12 336,136 628,260"');
  });

  it("draws six curves at most, the baseline among them, and says so", () => {
    const page = leaderboardHtml(makeRuns(9), { metrics, baseline: "run 0" });
    expect(page.match(/<polyline/g)).toHaveLength(6);
    const legend = page.slice(page.indexOf('<ul class="legend">'));
    expect(legend.match(/run \d/g)!.slice(0, 6)).toEqual([
      "run 8",
      "run 7",
      "run 6",
      "run 5",
      "run 4",
      "run 0",
    ]);
    expect(page).toContain("Drawn are 6 of 9 runs.");
    expect(leaderboardHtml(makeRuns(6), { metrics })).not.toContain("Drawn are");
  });

  it("draws at most 400 points of a long curve, its ends among them", () => {
    const perQuery = Float64Array.from({ length: 100_000 }, (_, i) => i / 99_999);
    const page = leaderboardHtml([{ name: "a", scores: { map: 0.5 }, perQuery }], { metrics });
    const points = /points="([^"]+)"/.exec(page)![1]!.split(" ");
    expect(points).toHaveLength(400);
    expect([points[0], points.at(-1)]).toEqual(["44,12", "628,260"]);
  });

  it("draws the intervals of the first metric on one scale", () => {
    const page = leaderboardHtml(
      [
        { name: "a", scores: { map: { value: 0.2, interval: { low: 0, high: 0.5 } } } },
        { name: "b", scores: { map: { value: 0.75, interval: { low: 0.5, high: 1 } } } },
      ],
      { metrics },
    );
    expect(page.match(/x1="[\d.]+" x2="[\d.]+" y1="8"/g)).toEqual([
      'x1="60" x2="114" y1="8"',
      'x1="6" x2="60" y1="8"',
    ]);
    expect(page.match(/cx="[\d.]+"/g)).toEqual(['cx="87"', 'cx="27.6"']);
  });

  it("draws no interval that is unknown", () => {
    const unknown = { value: Number.NaN, interval: { low: Number.NaN, high: Number.NaN } };
    const page = leaderboardHtml([...makeRuns(2), { name: "none", scores: { map: unknown } }], { metrics });
    expect(page.match(/class="whisker"/g)).toHaveLength(2);
    expect(page).not.toContain("NaN");
  });

  it("makes a page of no runs", () => {
    expect(leaderboardHtml([], { metrics })).toContain("0 runs");
  });

  it("refuses what leaderboardText refuses, under its own name", () => {
    expect(() => leaderboardHtml([], { metrics: [] })).toThrow(
      new RangeError("leaderboardHtml: expected `metrics` to have at least one metric, got none"),
    );
  });
});
