import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  blockOf,
  candidateName,
  expandGrid,
  sampleGrid,
  withOverrides,
} from "../../src/tuning/candidates.ts";
import { type Candidate, checkSpaces, parseSpace, type SearchSpace } from "../../src/tuning/space.ts";
import { UserError } from "../../src/user-error.ts";

describe("parseSpace", () => {
  it("reads numbers, booleans and texts, and lists in brackets as JSON", () => {
    const space = parseSpace([
      "margin=0.2,.3,1e-3",
      "loss=arcface,cosface",
      "model.bias=true,false",
      'pooling=["G,G,G,G","SMG,MG,G,G"]',
      "scale=S2, 30px",
      "path=a=b",
    ]);
    expect(space).toEqual({
      margin: [0.2, 0.3, 0.001],
      loss: ["arcface", "cosface"],
      "model.bias": [true, false],
      pooling: ["G,G,G,G", "SMG,MG,G,G"],
      scale: ["S2", "30px"],
      path: ["a=b"],
    });
  });

  it.each([
    ["margin", "expected `margin` to be a setting and its values, such as margin=0.2,0.3"],
    ["=1", "expected `=1` to be a setting and its values, such as margin=0.2,0.3"],
    ["a=", 'expected the values of `a` to be texts, numbers or booleans, got [""]'],
    ["a=[]", "expected the values of `a` to be texts, numbers or booleans, got []"],
    ["a=[[1]]", "expected the values of `a` to be texts, numbers or booleans, got [[1]]"],
    ["a=1,2,1.0", "expected the values of `a` to differ, got 1, 2, 1"],
  ])("refuses %s", (text, message) => {
    expect(() => parseSpace([text])).toThrow(new UserError(message));
  });

  it("refuses a setting given twice, and no setting", () => {
    expect(() => parseSpace(["a=1", "a=2"])).toThrow(
      new UserError("expected the values of `a` once, got them again in `a=2`"),
    );
    expect(() => parseSpace([])).toThrow(new UserError("expected settings and their values, got none"));
  });
});

describe("checkSpaces", () => {
  it("takes one space or a list of them", () => {
    expect(checkSpaces({ a: [1] }, "f")).toEqual([{ a: [1] }]);
    expect(checkSpaces([{ a: [1] }, { b: ["x"] }], "f")).toEqual([{ a: [1] }, { b: ["x"] }]);
  });

  it("refuses what is not one", () => {
    expect(() => checkSpaces([], "f.json")).toThrow(
      new UserError("f.json: expected settings and their values, got none"),
    );
    expect(() => checkSpaces([3], "f.json")).toThrow(
      new UserError("f.json: expected an object of settings and their values, got 3"),
    );
    expect(() => checkSpaces({ a: 1 }, "f.json")).toThrow(
      new UserError("expected the values of `a` to be texts, numbers or booleans, got 1"),
    );
  });
});

describe("expandGrid", () => {
  const { grids } = JSON.parse(readFileSync(new URL("./golden/grids.json", import.meta.url), "utf8")) as {
    grids: { space: SearchSpace | SearchSpace[]; candidates: Candidate[] }[];
  };

  it.each(grids)("lists the candidates of $space in the order of scikit-learn", ({ space, candidates }) => {
    expect(expandGrid(space)).toEqual(candidates);
  });
});

describe("sampleGrid", () => {
  const space = { a: [1, 2, 3, 4], b: ["x", "y", "z"] };
  const grid = expandGrid(space).map(candidateName);
  const draw = (count: number, seed: number): string[] => sampleGrid(space, count, seed).map(candidateName);

  it("draws different candidates of the grid, the same ones for the same seed, the first ones for a smaller count", () => {
    const drawn = draw(7, 1);
    expect(new Set(drawn).size).toBe(7);
    for (const name of drawn) expect(grid).toContain(name);
    expect(draw(3, 1)).toEqual(drawn.slice(0, 3));
    expect(draw(7, 2)).not.toEqual(drawn);
  });

  it("draws all of them if there are no more", () => {
    expect(draw(100, 5).sort()).toEqual([...grid].sort());
  });

  it("draws each candidate as often as another: chi-square of 1,200 seeds", () => {
    const counts = new Map(grid.map((name) => [name, 0]));
    for (let seed = 0; seed < 1200; seed++) counts.set(draw(1, seed)[0]!, counts.get(draw(1, seed)[0]!)! + 1);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    // 11 degrees of freedom: more than 31.3 happens once in a thousand times; the seeds are fixed.
    expect(chiSquare).toBeLessThan(31.3);
  });
});

describe("blockOf", () => {
  it.each([
    [10, 3, [4, 4, 2]],
    [4, 3, [2, 2, 0]],
    [6, 2, [3, 3]],
    [2, 5, [1, 1, 0, 0, 0]],
  ])("cuts %i candidates into %i blocks of %j", (length, blocks, sizes) => {
    const items = Array.from({ length }, (_, i) => i);
    const cut = sizes.map((_, block) => blockOf(items, blocks, block));
    expect(cut.map((block) => block.length)).toEqual(sizes);
    expect(cut.flat()).toEqual(items);
  });

  it("refuses blocks that are not there", () => {
    expect(() => blockOf([1], 2, 2)).toThrow(new UserError("expected `block` to be from 0 to 1, got 2"));
    expect(() => blockOf([1], 2, -1)).toThrow(new UserError("expected `block` to be from 0 to 1, got -1"));
    expect(() => blockOf([1], 0, 0)).toThrow(
      new UserError("expected `blocks` to be a whole number of at least 1, got 0"),
    );
  });
});

describe("candidateName", () => {
  it("is as the authors name their checkpoints: settings by name", () => {
    expect(candidateName({ loss: "cosface", freqthresh: 2, pooling: "G,G,G,G", verifythresh: 30 })).toBe(
      "freqthresh-2_loss-cosface_pooling-G,G,G,G_verifythresh-30",
    );
  });

  it("can name a file, and differs where values differ", () => {
    const names = ["a/b", "a b", "a*b", "a%2Fb", "a.b"].map((path) => candidateName({ path }));
    for (const name of names) expect(name).toMatch(/^path-[\w.,+%-]+$/);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("withOverrides", () => {
  const settings = { seed: 1, training: { loss: { margin: 0.3, kind: "arcface" } }, stages: [{ epochs: 5 }] };

  it("puts values in place by path, and leaves the given settings as they are", () => {
    const before = structuredClone(settings);
    const changed = withOverrides(settings, { "training.loss.margin": 0.2, "stages.0.epochs": 7, seed: 0 });
    expect(changed).toEqual({
      seed: 0,
      training: { loss: { margin: 0.2, kind: "arcface" } },
      stages: [{ epochs: 7 }],
    });
    expect(settings).toEqual(before);
  });

  it.each<[Candidate, string]>([
    [{ sed: 1 }, "expected `sed` to be a setting, got no `sed` among seed, training, stages"],
    [{ "training.loss.m": 1 }, "expected `training.loss.m` to be a setting, got no `m` among margin, kind"],
    [{ "seed.a": 1 }, "expected `seed.a` to be a setting, got no `a` among none"],
    [{ "stages.1.epochs": 1 }, "expected `stages.1.epochs` to be a setting, got no `1` among 0"],
    [{ seed: "one" }, 'expected the value of `seed` to be like 1, got "one"'],
    [{ stages: "x" }, 'expected the value of `stages` to be like [{"epochs":5}], got "x"'],
  ])("refuses %j", (candidate, message) => {
    expect(() => withOverrides(settings, candidate)).toThrow(new UserError(message));
  });
});
