import { expect, it } from "vitest";
import { percent, percentColumns } from "../src/percent.ts";
import { besidePublished } from "../src/published-rows.ts";

const results = [
  { system: "one network", score: 61 },
  { system: "all networks", score: 64 },
];

it("puts a method beside the result that is published of it, and others below", () => {
  const ours: Readonly<Record<string, number>> = { All: 0.5, Ours: 0.25 };
  const { rows, others } = besidePublished(
    [{ title: "All", published: "all networks" }, { title: "Ours" }],
    results,
    (result) => [result?.score],
    ({ title }) => [ours[title], title.length],
  );
  expect(rows).toEqual([
    ["All", 64, 0.5, 3],
    ["Ours", undefined, 0.25, 4],
  ]);
  expect(others).toEqual([["published: one network", 61, undefined, undefined]]);
});

it.each([
  [0.125, 12.5],
  [0, 0],
  [Number.NaN, undefined],
  [null, undefined],
  [undefined, undefined],
])("shows a share of %s as %s percent", (share, shown) => {
  expect(percent(share)).toBe(shown);
});

it("makes columns of percentages, with a heading or without", () => {
  expect(percentColumns(["all"], "ours")).toEqual([{ title: "all", group: "ours", decimals: 2 }]);
  expect(percentColumns(["all"])).toEqual([{ title: "all", decimals: 2 }]);
});
