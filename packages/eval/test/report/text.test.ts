import { bootstrapInterval } from "@lmk/eval";
import { type LeaderboardOptions, type LeaderboardRun, leaderboardText } from "@lmk/eval/report";
import { describe, expect, it } from "vitest";

const metrics = [{ key: "map", label: "mAP@100" }];
const runs: readonly LeaderboardRun[] = [
  { name: "search", scores: { map: { value: 0.3012, interval: { low: 0.28, high: 0.32 } }, rank: 7.25 } },
  {
    name: "αQE",
    scores: { map: { value: 0.3275, interval: { low: 0.31, high: 0.345 }, pValue: 0.0004 }, rank: 8 },
  },
  { name: "diffusion", scores: { map: { value: 0.295, pValue: 0.25 }, rank: 6 } },
];

describe("leaderboardText", () => {
  it("sorts runs, aligns columns and marks the best, with intervals, changes and p values", () => {
    const text = leaderboardText(runs, {
      title: "Retrieval",
      description: "Three runs.",
      metrics: [
        ...metrics,
        { key: "rank", label: "Mean position", unit: "number", digits: 1, better: "lower" },
      ],
      baseline: "search",
    });
    expect(text.split("\n")).toEqual([
      "Retrieval",
      "Three runs.",
      "Higher is better, lower where marked ↓; * best of its column; [ ] 95 % interval; change: against search; p: probability of at least this change between equals",
      "",
      "#  run               │ mAP@100, %        interval  change        p │ Mean position ↓  change",
      "─────────────────────┼─────────────────────────────────────────────┼────────────────────────",
      "1  αQE               │     32.75*  [31.00, 34.50]   +2.63  < 0.001 │            8.0     +0.8",
      "2  search (baseline) │     30.12   [28.00, 32.00]       –        – │            7.3        –",
      "3  diffusion         │     29.50                –   −0.62    0.250 │            6.0*    −1.3",
      "",
    ]);
  });

  it("shows scores alone where nothing else is known", () => {
    const plain = [
      { name: "a", scores: { map: 0.5 } },
      { name: "b", scores: { map: 0.75 } },
    ];
    expect(leaderboardText(plain, { metrics })).toBe(
      [
        "Leaderboard",
        "Higher is better; * best of its column",
        "",
        "#  run │ mAP@100, %",
        "───────┼───────────",
        "1  b   │     75.00*",
        "2  a   │     50.00",
        "",
      ].join("\n"),
    );
  });

  it("puts runs without a value last, marks ties alike, and a single run not at all", () => {
    const lines = (list: readonly LeaderboardRun[]): string[] =>
      leaderboardText(list, { metrics })
        .split("\n")
        .slice(5, -1)
        .map((line) => line.replace(/\s+/g, " "));
    const tied = [
      { name: "none", scores: {} },
      { name: "nan", scores: { map: Number.NaN } },
      { name: "b", scores: { map: 0.5 } },
      { name: "a", scores: { map: 0.5 } },
    ];
    expect(lines(tied)).toEqual(["1 b │ 50.00*", "2 a │ 50.00*", "3 none │ –", "4 nan │ –"]);
    expect(lines([{ name: "a", scores: { map: 1 } }])).toEqual(["1 a │ 100.00"]);
    expect(lines([])).toEqual([]);
  });

  it("sorts by the lowest where lower is better", () => {
    const text = leaderboardText(runs, {
      metrics: [{ key: "rank", label: "Position", unit: "number", better: "lower" }],
    });
    expect(text.match(/^\d {2}\S+/gm)).toEqual(["1  diffusion", "2  search", "3  αQE"]);
    expect(text).toContain("Lower is better; *");
  });

  it("lists the largest changes, and the worst and best queries", () => {
    const queries = ["q1", "q2", "q3", "q4", "q5"];
    const text = leaderboardText(
      [
        { name: "old", scores: { map: 0.4 }, perQuery: [0.5, 0.2, 1, Number.NaN, 0.1] },
        { name: "new", scores: { map: 0.5 }, perQuery: [0.25, 0.7, 1, Number.NaN, 0.4] },
      ],
      { metrics, baseline: "old", queries, queryCount: 2 },
    );
    expect(text.slice(text.indexOf("Queries of"))).toBe(
      [
        "Queries of new against old: 2 better, 1 worse, 1 equal (average precision, %)",
        "",
        "Largest gains",
        "query  baseline    run  change",
        "──────────────────────────────",
        "q2        20.00  70.00  +50.00",
        "q5        10.00  40.00  +30.00",
        "",
        "Largest losses",
        "query  baseline    run  change",
        "──────────────────────────────",
        "q1        50.00  25.00  −25.00",
        "",
        "Worst queries",
        "query  baseline    run  change",
        "──────────────────────────────",
        "q1        50.00  25.00  −25.00",
        "q5        10.00  40.00  +30.00",
        "",
        "Best queries",
        "query  baseline     run  change",
        "───────────────────────────────",
        "q3       100.00  100.00   ±0.00",
        "q2        20.00   70.00  +50.00",
        "",
      ].join("\n"),
    );
  });

  it("lists the largest losses first", () => {
    const old = { name: "old", scores: {}, perQuery: [0.9, 0.9, 0.9] };
    const text = leaderboardText([old, { name: "new", scores: {}, perQuery: [0.8, 0.1, 0.5] }], {
      metrics,
      baseline: "old",
      queries: ["a", "b", "c"],
    });
    const losses = text.slice(text.indexOf("Largest losses"), text.indexOf("Worst"));
    expect(losses.match(/^\w(?= )/gm)).toEqual(["b", "c", "a"]);
  });

  it("rounds p values from 0.001 on, and calls smaller ones small", () => {
    const list = [0.001, 0.00099, 0.0096, 1, 0].map((pValue, i) => ({
      name: `run ${i}`,
      scores: { map: { value: 1 - i / 10, pValue } },
    }));
    const lines = leaderboardText(list, { metrics }).split("\n").slice(5, -1);
    expect(lines.map((line) => line.slice(-7))).toEqual([
      "  0.001",
      "< 0.001",
      "  0.010",
      "  1.000",
      "< 0.001",
    ]);
  });

  it("shows the queries of the best run that is not the baseline, or of the one asked for", () => {
    const three = [
      { name: "a", scores: { map: 0.1 }, perQuery: [0.1] },
      { name: "b", scores: { map: 0.2 }, perQuery: [0.2] },
      { name: "c", scores: { map: 0.3 }, perQuery: [0.3] },
    ];
    const title = (options: Partial<LeaderboardOptions>): string | undefined =>
      /Queries of \S+/.exec(leaderboardText(three, { metrics, queries: [1], ...options }))?.[0];
    expect(title({})).toBe("Queries of c");
    expect(title({ baseline: "c" })).toBe("Queries of b");
    expect(title({ baseline: "c", detail: "a" })).toBe("Queries of a");
    expect(title({ detail: "c", baseline: "c" })).toBe("Queries of c");
  });

  it("lists ten queries if not told otherwise", () => {
    const queries = Array.from({ length: 30 }, (_, i) => i);
    const perQuery = queries.map((i) => i / 30);
    const text = leaderboardText([{ name: "a", scores: { map: 0.5 }, perQuery }], { metrics, queries });
    expect(text.match(/^\d+ +\d+\.\d\d$/gm)).toHaveLength(20);
  });

  it("keeps names and titles with line breaks and escapes on their line", () => {
    const list = [{ name: "a\n\u001b[2Jb", scores: { map: 1 }, perQuery: [1] }];
    const options = { metrics, title: "t\nu", description: "d\te", baseline: list[0]!.name, queries: ["q"] };
    const lines = leaderboardText(list, options).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "t u",
      "d e",
      "Higher is better; * best of its column; change: against a [2Jb",
    ]);
    expect(lines[6]).toBe("1  a [2Jb (baseline) │    100.00        –");
    expect(lines[8]).toBe("Queries of a [2Jb (average precision, %)");
  });

  it("gives East Asian letters and emoji two cells, marks none", () => {
    const list = ["東京タワー", "경복궁", "cafe\u0301", "🗼", "10 chars.."].map((name, i) => {
      return { name, scores: { map: 0.5 - i / 10 } };
    });
    const lines = leaderboardText(list, { metrics }).split("\n").slice(5, -1);
    expect(lines.map((line) => line.slice(3, line.indexOf("│")))).toEqual([
      "東京タワー ",
      "경복궁     ",
      "cafe\u0301       ",
      "🗼         ",
      "10 chars.. ",
    ]);
  });

  it("takes an interval of NaN, as the bootstrap of nothing gives it, as none", () => {
    const interval = bootstrapInterval([Number.NaN]);
    const list = [{ name: "a", scores: { map: { value: Number.NaN, interval } } }];
    expect(leaderboardText(list, { metrics })).toContain("│ mAP@100, %\n");
    const both = [...list, { name: "b", scores: { map: { value: 1, interval: { low: 0.5, high: 1 } } } }];
    expect(leaderboardText(both, { metrics })).toMatch(/^2 {2}a +│ +– +–$/m);
  });

  it.each([
    [
      [runs[0]!, runs[0]!],
      { metrics },
      'leaderboardText: expected `runs` to have different names, got "search" twice',
    ],
    [runs, { metrics: [] }, "leaderboardText: expected `metrics` to have at least one metric, got none"],
    [
      runs,
      { metrics: [{ key: "map", label: "", digits: 11 }] },
      "leaderboardText: expected `digits` of map to be an integer from 0 to 10, got 11",
    ],
    [
      runs,
      { metrics, baseline: "x" },
      'leaderboardText: expected `baseline` to be the name of a run, got "x"',
    ],
    [runs, { metrics, detail: "x" }, 'leaderboardText: expected `detail` to be the name of a run, got "x"'],
    [runs, { metrics, level: 95 }, "leaderboardText: expected `level` to be between 0 and 1, got 95"],
    [
      runs,
      { metrics, queryCount: 0 },
      "leaderboardText: expected `queryCount` to be a positive integer, got 0",
    ],
    [
      [{ name: "a", scores: {}, perQuery: [1] }],
      { metrics, queries: ["q1", "q2"] },
      'leaderboardText: expected `perQuery` of "a" to have 2 values, one per query, got 1',
    ],
    [
      [{ name: "a", scores: {}, perQuery: [1, 1.5] }],
      { metrics },
      'leaderboardText: expected `perQuery` of "a" to be from 0 to 1, got 1.5 at 1',
    ],
  ])("refuses what cannot be compared (%#)", (list, options, message) => {
    expect(() => leaderboardText(list, options)).toThrow(new RangeError(message));
  });
});
