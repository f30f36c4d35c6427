import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareCommand, comparisonTable, readRunScores, UserError } from "../src/index.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-compare-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeScores(run: string, scores: Readonly<Record<string, number>>): string {
  const stage = join(folder, run, "evaluate");
  mkdirSync(stage, { recursive: true });
  writeFileSync(join(stage, "scores.json"), JSON.stringify(scores));
  writeFileSync(join(stage, "done.json"), JSON.stringify({ key: "k", seconds: 1 }));
  return join(folder, run);
}

async function compare(...args: string[]): Promise<string> {
  const said: string[] = [];
  const command = compareCommand<"small" | "full">({
    measures: { all: "GAP of all", accuracy: "accuracy" },
    presets: ["small", "full"],
    readScores: (run, preset) =>
      Object.entries(readRunScores<Record<string, number>>(run, "evaluate")).map(([name, value]) => ({
        name,
        title: `${preset} ${name}`,
        scores: { all: value, accuracy: value / 2 },
      })),
    say: (line) => said.push(line),
  });
  await command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(args, { from: "user" });
  return said.join("\n");
}

describe("comparisonTable", () => {
  const method = (name: string, all: number | null) => ({ name, title: name, scores: { all } });

  it("has the mean and the range where every run has the method, and no row without any value", () => {
    const { rows, columns, emphasis } = comparisonTable(
      [
        { name: "s1", methods: [method("a", 0.2), method("b", 0.5), method("c", null)] },
        { name: "s2", methods: [method("a", 0.25), method("b", Number.NaN), method("c", null)] },
        { name: "s3", methods: [method("d", 0.9), method("a", 0.3), method("b", 0.6)] },
      ],
      { measure: "all", title: "GAP" },
    );
    expect(columns.map(({ title }) => title)).toEqual(["method", "s1", "s2", "s3", "mean", "range"]);
    expect(rows).toEqual([
      ["a", 20, 25, 30, 25, "20.00–30.00"],
      ["b", 50, undefined, 60, undefined, undefined],
      ["d", undefined, undefined, 90, undefined, undefined],
    ]);
    expect(emphasis).toEqual([[0, 4]]);
  });
});

describe("compareCommand", () => {
  it("prints one table of the runs, for a terminal or a read-me", async () => {
    const runs = [
      writeScores("seed-1", { plain: 0.1, fused: 0.25 }),
      writeScores("seed-2", { plain: 0.2, fused: 0.35 }),
    ];
    expect(await compare(...runs, "--markdown")).toBe(
      [
        "GAP of all, percent",
        "",
        "| method      | seed-1 | seed-2 |      mean |       range |",
        "| ----------- | -----: | -----: | --------: | ----------: |",
        "| small plain |  10.00 |  20.00 |     15.00 | 10.00–20.00 |",
        "| small fused |  25.00 |  35.00 | **30.00** | 25.00–35.00 |",
      ].join("\n"),
    );
    const text = await compare(...runs, "--measure", "accuracy", "--preset", "full");
    expect(text).toContain("accuracy, percent");
    expect(text).toMatch(/full fused │ +12\.50 │ +17\.50 │ \*15\.00 │ 12\.50–17\.50/);
  });

  it("names runs by their folders as given where two have the same name", async () => {
    const runs = [writeScores("one/run", { a: 0.1 }), writeScores("two/run", { a: 0.2 })];
    const text = await compare(...runs, "--markdown");
    for (const run of runs) expect(text).toContain(` ${run} `);
  });

  it("refuses a run without scores, an unfinished one, a single one, and one that is named twice", async () => {
    const run = writeScores("seed-1", { a: 0.1 });
    const unfinished = writeScores("seed-2", { a: 0.1 });
    rmSync(join(unfinished, "evaluate", "done.json"));
    await expect(compare(run, unfinished)).rejects.toThrow(UserError);
    await expect(compare(run, join(folder, "none"))).rejects.toThrow(
      /none to hold the scores of a run, got no complete evaluate; run its stage evaluate first$/,
    );
    await expect(compare(run)).rejects.toThrow("compare: expected two runs or more, got 1");
    await expect(compare(run, `${run}/`)).rejects.toThrow("expected each run once");
    await expect(compare(run, unfinished, "--measure", "speed")).rejects.toThrow("Allowed choices");
  });
});
