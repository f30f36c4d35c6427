import { expect, it } from "vitest";
import { allNeededLists } from "../src/list-names.ts";
import type { Method } from "../src/method.ts";
import { methodsOf, rankedMethod, submittedMethod } from "../src/methods.ts";
import { presets, withMembers } from "../src/presets.ts";

const { paper } = presets;
const all = { nonLandmarks: true };

const namesOf = (methods: readonly Method[]): string[] => methods.map(({ name }) => name);

it("has every way: the ensemble step by step, the first place's ranking, single networks", () => {
  const methods = methodsOf(paper, all);
  expect(namesOf(methods)).toEqual([
    "head",
    "nearest",
    "neighbors",
    "submitted",
    "fusion-a-b-c",
    "fusion-rules",
    "fusion-both",
    "first-a",
    "first-a-b",
    "first-a-b-c",
    "first-a-b-quantiles",
    "first-a-b-c-quantiles",
    "b6-head",
    "b6-nearest",
    "b6-neighbors",
    "b6-fusion",
    "b7-fusion",
    "b5-fusion",
    "b4-fusion",
    "b3-fusion",
    "nest101-fusion",
    "rex20-fusion",
    "b6b-fusion",
    "b5b-fusion",
  ]);
  expect(methods).toContainEqual(submittedMethod(paper));
  expect(methods).toContainEqual(rankedMethod(paper));
  expect(new Set(methods.map(({ way }) => JSON.stringify(way))).size).toBe(methods.length);
});

it("takes the submitted powers for the ensemble, and the write-up's for one network", () => {
  const ways = Object.fromEntries(methodsOf(paper, all).map(({ name, way }) => [name, way]));
  const rest = { kind: "fusion", ranking: false, rules: false };
  expect(ways.submitted).toEqual({ ...rest, networks: "ensemble", neighborPower: 9, headPower: 10 });
  expect(ways["b6-fusion"]).toEqual({ ...rest, networks: "b6", neighborPower: 8, headPower: 12 });
  expect(ways["b6-neighbors"]).toEqual({ kind: "neighbors", networks: "b6", neighborCount: 5, power: 8 });
  expect(ways["b6-nearest"]).toEqual({ kind: "neighbors", networks: "b6", neighborCount: 1, power: 1 });
});

it("leaves out what needs images without a landmark, and single networks where there is one", () => {
  const withoutAny = methodsOf(paper, { nonLandmarks: false });
  expect(namesOf(withoutAny).filter((name) => /rules|both|b-c|^first/.test(name))).toEqual(["first-a"]);
  expect(allNeededLists(withoutAny, ["b7", "b6"]).filter((name) => name.includes("non-landmarks"))).toEqual(
    [],
  );
  expect(namesOf(methodsOf(withMembers(paper, ["rex20"]), { nonLandmarks: false }))).toEqual([
    "head",
    "nearest",
    "neighbors",
    "submitted",
    "first-a",
  ]);
});

it("stands beside published numbers only where the networks are those of the authors", () => {
  const published = (names: readonly ("b6" | "b3" | "rex20")[]): (string | undefined)[] =>
    methodsOf(withMembers(paper, names), all)
      .filter(({ name }) => name === "submitted" || name.endsWith("-head"))
      .map((method) => method.published);
  expect(submittedMethod(paper).published).toBe("nine networks");
  expect(published(["b6", "rex20"])).toEqual([undefined, "one network, head"]);
  expect(published(["b3", "rex20"])).toEqual([undefined, undefined]);
});

it("reads of the submitted way the ensemble's lists alone", () => {
  expect(allNeededLists([submittedMethod(paper)], ["b7", "b6"])).toEqual([
    "ensemble/test-gallery",
    "ensemble/test-classes",
  ]);
});
