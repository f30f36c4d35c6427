import { expect, it } from "vitest";
import { leaderboardTable } from "../src/leaderboard-table.ts";
import { publishedResults } from "../src/published-results.ts";

it("has the scores of the paper, and that of the fast script", () => {
  const table = publishedResults.map(({ system, validation, public: open, private: hidden }) => [
    system,
    validation,
    open,
    hidden,
  ]);
  expect(table).toEqual([
    ["baseline", 32.6, 28.44, 30.59],
    ["random erasing", 32.78, 29.29, 30.6],
    ["label smoothing", 32.55, 28.21, 29.79],
    ["sampler id_uniform", 31.05, 24.78, 27.28],
    ["sampler softmax", 32.6, 28.44, 30.59],
    ["sampler gld", 33.07, 31.37, 32.44],
    ["fast script", 32.84, undefined, undefined],
    ["ensemble, re-ranked", undefined, undefined, 52.995],
  ]);
});

it("has the first ten of the private leaderboard, with what the slides say of them", () => {
  expect(leaderboardTable().rows).toEqual([
    ["Dieter", 53.751, 81, undefined],
    ["ZhangWesley", 52.995, 105, 4],
    ["All Data Are Ext", 52.903, undefined, undefined],
    ["bestfitting", 52.61, undefined, undefined],
    ["underfitting", 50.825, undefined, undefined],
    ["Rist", 50.751, undefined, undefined],
    ["NotEnoughFitting", 50.025, undefined, undefined],
    ["gpushare.com", 49.572, undefined, undefined],
    ["Eduardo e Matheus", 49.429, undefined, undefined],
    ["goodenoughfitting", 48.781, undefined, undefined],
  ]);
});
