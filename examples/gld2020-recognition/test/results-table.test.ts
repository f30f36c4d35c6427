import { expect, it } from "vitest";
import { methodsOf } from "../src/methods.ts";
import { presets } from "../src/presets.ts";
import { publishedResults } from "../src/published-results.ts";
import { resultsTable } from "../src/results-table.ts";

const methods = methodsOf(presets.paper, { nonLandmarks: true });
const gap = { private: 0.5, public: 0.25, all: 0.4 };
const scores = Object.fromEntries(
  methods.map(({ name }) => [name, { gap, protocol: Number.NaN, accuracy: 0.75 }]),
);
const table = resultsTable(methods, scores, "some images");

it("has the published scores and ours in the same order, in percent", () => {
  expect(table.columns.map(({ title, group }) => [group, title])).toEqual([
    [undefined, "system"],
    ["published", "Private"],
    ["published", "Public"],
    ["published", "protocol"],
    ["ours", "Private"],
    ["ours", "Public"],
    ["ours", "all"],
    ["ours", "protocol"],
    ["ours", "accuracy"],
  ]);
  const rowOf = (title: string) => table.rows.find(([first]) => String(first).startsWith(title))!.slice(1);
  const ours = [50, 25, 40, undefined, 75];
  expect(rowOf("fusion as submitted")).toEqual([63.44, 65.81, undefined, ...ours]);
  expect(rowOf("first place's ranking: A − B − C, quantile")).toEqual([
    undefined,
    undefined,
    88.3825,
    ...ours,
  ]);
  expect(rowOf("head alone")).toEqual([undefined, undefined, undefined, ...ours]);
});

it("has every published score once", () => {
  const published = methods.flatMap(({ published }) => (published === undefined ? [] : [published]));
  const others = table.rows.flatMap(([title]) => /^published: (.*)/.exec(String(title))?.[1] ?? []);
  expect([...published, ...others].sort()).toEqual(publishedResults.map(({ system }) => system).sort());
});
