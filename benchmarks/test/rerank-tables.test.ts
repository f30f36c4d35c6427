import { describe, expect, it } from "vitest";
import { placeLabels } from "../src/rerank/place-labels.ts";
import { rerankPlot } from "../src/rerank/rerank-plot.ts";
import type { RerankResults, RerankRow } from "../src/rerank/rerank-results.ts";
import { orderText, rerankTables } from "../src/rerank/rerank-tables.ts";

const rowOf = (name: string, mean: number, changes: Partial<RerankRow> = {}): RerankRow => ({
  name,
  calls: "call",
  needs: "nothing",
  defaults: { settings: "a 1", mean, low: mean - 0.1, high: mean + 0.1, pValue: 0.0004 },
  groups: { x: mean, y: mean / 2 },
  meanPrecision: mean / 4,
  chosen: { mean: mean + 0.01, low: mean, high: mean + 0.1, pValue: 0.25 },
  grid: [
    { settings: "a 1", mean },
    { settings: "a 2", mean: mean + 0.02 },
  ],
  milliseconds: 0.5,
  runs: 3,
  prepareMilliseconds: 0,
  memory: 3e6,
  ...changes,
});

const first = rowOf("first search", 0.5, {
  grid: [{ settings: "", mean: 0.5 }],
  defaults: { settings: "", mean: 0.5, low: 0.4, high: 0.6, pValue: null },
});
const results: RerankResults = {
  set: {
    name: "tiny",
    description: "Made up.",
    problems: 1,
    queries: 4,
    scored: 3,
    columns: 2,
    database: 9,
    relevant: [1, 2, 3],
    groups: [
      { name: "x", queries: 2, relevant: 2, sameLabels: { right: 0.75, wrong: 0.125 } },
      { name: "y", queries: 1, relevant: 1, sameLabels: null },
    ],
  },
  rows: [first, rowOf("better & <best>", 0.7, { needs: "graph", milliseconds: 20, prepareMilliseconds: 5 })],
  needs: { graph: 12.34, "pool graph": 2, "train labels": 3, "train labels, pool graph": 5 },
  table2019: [],
  notRun: [{ name: "magic", reason: "needs a wand" }],
};

describe("rerankTables", () => {
  const report = {
    date: "2026-01-02",
    machine: { cpu: "cpu", cores: 2, memoryBytes: 1, loadBefore: 0 },
    threads: 1,
    warmup: 1,
    steps: 10,
    commit: "0123456789abcdef",
    uncommittedChanges: false,
    versions: { node: "v20" },
    failures: [],
    results,
  };
  const text = rerankTables(report);
  const cells = (start: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`| ${start}`))
      .map((line) =>
        line
          .split("|")
          .slice(2, -1)
          .map((cell) => cell.trim()),
      );

  it("tells quality with and without a choice of settings", () => {
    const [quality] = cells("better");
    expect(quality).toEqual([
      "graph",
      "70.00",
      "60.00–80.00",
      "< 0.001",
      "70.00",
      "35.00",
      "17.50",
      "71.00",
      "0.250",
      "72.00 (a 2)",
    ]);
    expect(cells("first search")[0]).toEqual([
      "nothing",
      "50.00",
      "40.00–60.00",
      "",
      "50.00",
      "25.00",
      "12.50",
      "",
      "",
      "",
    ]);
  });

  it("tells costs, those of what a method needs apart", () => {
    expect(cells("better")[1]).toEqual(["20.0", "5.00", "12.3", "3", "call"]);
    expect(cells("first search")[1]).toEqual(["0.500", "", "", "3", "call"]);
  });

  it("tells of the set, and what was not run", () => {
    expect(text).toContain("4 queries, 3 of them with anything to find: 1, 2, 3 rows");
    expect(text).toContain(
      "x: 2 queries, 2 right rows in the median; the label voted for the query is also that of 75.00 %",
    );
    expect(text).toContain("y: 1 queries, 1 right rows in the median.");
    expect(text).toContain("Not run: magic (needs a wand).");
  });
});

describe("orderText", () => {
  const row = (title: string, ours: number | null, pValue: number | null = null) => {
    return { title, method: title, published: 0, ours, groups: {}, pValue };
  };

  it("says that the order holds", () => {
    expect(orderText([row("a", 0.1), row("b", 0.2)])).toBe(
      "The published order holds. Here, from the lowest: a < b.",
    );
  });

  it("names each method that is not above the one before it", () => {
    expect(orderText([row("a", 0.2), row("b", 0.1, 0.04), row("c", 0.3, 0.0001)])).toBe(
      "The published order does not hold: b is not above a (p 0.040). Here, from the lowest: b < a < c.",
    );
  });

  it("compares those that were run", () => {
    expect(orderText([row("a", 0.1), row("b", null), row("c", 0.2)])).toBe(
      "The published order holds. Of its 3 methods 2 were run. Here, from the lowest: a < c.",
    );
  });
});

describe("rerankPlot", () => {
  const svg = rerankPlot(results);

  it("stands alone, with colors for light and dark", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|href|NaN|undefined/);
  });

  it("names every method, escaped, higher where it is better and further right where it is slower", () => {
    expect(svg).toContain(">better &amp; &lt;best></text>");
    const dots = [...svg.matchAll(/<circle class="dot n\d" cx="([\d.]+)" cy="([\d.]+)" r="4.5"><title>/g)];
    const [a, b] = dots.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    expect(b!.x).toBeGreaterThan(a!.x);
    expect(b!.y).toBeLessThan(a!.y);
  });
});

describe("placeLabels", () => {
  const frame = { left: 0, right: 400, top: 0, bottom: 200 };

  it("keeps labels of one spot apart and within the frame", () => {
    const points = Array.from({ length: 12 }, () => ({ x: 300, y: 100, width: 90, height: 13 }));
    const places = placeLabels(points, [], frame);
    for (const [i, a] of places.entries()) {
      expect(a.left).toBeGreaterThanOrEqual(0);
      expect(a.left + 90).toBeLessThanOrEqual(400);
      for (const b of places.slice(i + 1)) {
        expect(Math.abs(a.left - b.left) >= 90 || Math.abs(a.top - b.top) >= 13).toBe(true);
      }
    }
  });

  it("leads from a point to a label that stands away from it", () => {
    const wall = { left: 200, right: 400, top: 80, bottom: 120 };
    const [beside] = placeLabels([{ x: 100, y: 100, width: 50, height: 13 }], [wall], frame);
    expect(beside).toEqual({ left: 107, top: 93.5, leader: null });
    const around = { left: 20, right: 180, top: 60, bottom: 140 };
    const [away] = placeLabels([{ x: 100, y: 100, width: 50, height: 13 }], [around], frame);
    expect(away!.leader).not.toBeNull();
  });
});
