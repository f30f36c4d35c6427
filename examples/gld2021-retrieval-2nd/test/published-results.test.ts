import { expect, it } from "vitest";
import { fastScriptValidation, leaderboard, publishedResults } from "../src/published-results.ts";

it("has the scores of the paper", () => {
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
    ["ensemble, re-ranked", undefined, undefined, 52.995],
  ]);
  expect(fastScriptValidation).toBe(32.84);
});

it("has the first ten of the private leaderboard", () => {
  expect(leaderboard.map(({ name, private: score }) => [name, score])).toEqual([
    ["Dieter", 53.751],
    ["ZhangWesley", 52.995],
    ["All Data Are Ext", 52.903],
    ["bestfitting", 52.61],
    ["underfitting", 50.825],
    ["Rist", 50.751],
    ["NotEnoughFitting", 50.025],
    ["gpushare.com", 49.572],
    ["Eduardo e Matheus", 49.429],
    ["goodenoughfitting", 48.781],
  ]);
});
