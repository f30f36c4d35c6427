import { expect, it } from "vitest";
import type { Config } from "../src/config.ts";
import { defaultSettings, submittedSettings } from "../src/inference-settings.ts";
import { methodsOf, submittedMethod } from "../src/methods.ts";
import { neededLists } from "../src/search-lists.ts";
import { wayOfSettings } from "../src/way-of-settings.ts";
import { chainsOf } from "./retrieval-context.ts";

type MethodsConfig = Pick<Config, "chains" | "inference" | "search">;

const four: MethodsConfig = {
  chains: chainsOf(["SER101ibn", "RXt101ibn", "ResNeSt101", "ResNeSt269"]),
  inference: submittedSettings,
  search: { depth: 1000, referenceDepth: 30, references: "index_train", imagesPerPart: 1024 },
};
const one: MethodsConfig = { ...four, chains: chainsOf(["R50"]) };

it("scores what was handed in, that in other forms, and what the original's code has besides", () => {
  expect(methodsOf(four).map(({ name }) => name)).toEqual([
    "SER101ibn",
    "RXt101ibn",
    "ResNeSt101",
    "ResNeSt269",
    "off",
    "submitted",
    "landmark-only",
    "country-only",
    "cosine-votes",
    "references-full",
    "after-merge",
    "SER101ibn-tags",
    "RXt101ibn-tags",
    "ResNeSt101-tags",
    "ResNeSt269-tags",
    "label-first",
    "voted-references",
    "k-reciprocal",
    "k-reciprocal-tags",
    "local",
  ]);
  const names = methodsOf(one).map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(["R50", "submitted"]);
  expect(names.filter((name) => name === "off" || name.endsWith("-tags"))).toEqual(["k-reciprocal-tags"]);
  const full = { ...four, search: { ...four.search, references: "full" as const } };
  expect(methodsOf(full).map(({ name }) => name)).not.toContain("references-full");
});

it("knows which of them were published", () => {
  const published = (config: MethodsConfig): unknown[] =>
    methodsOf(config).flatMap(({ name, published }) => (published === undefined ? [] : [[name, published]]));
  expect(published(four)).toEqual([["submitted", "ensemble, re-ranked"]]);
  expect(published(one)).toEqual([["R50", "fast script"]]);
  const off = { ...four, inference: { ...submittedSettings, CATEGORY_RERANK: "off" as const } };
  expect(published(off)).toEqual([]);
});

it("hands in what the settings say", () => {
  expect(submittedMethod(four).title).toBe("as submitted: landmark and country before merge");
  expect(submittedMethod(four).way).toEqual({
    networks: "ensemble",
    similarity: "cosine",
    local: false,
    category: {
      kind: "tags",
      merge: "before_merge",
      votes: "k-reciprocal",
      references: "index_train",
      landmarkWeight: 1,
      countryWeight: 0.1,
    },
  });
  expect(wayOfSettings(defaultSettings, "full")).toEqual({
    networks: "ensemble",
    similarity: "cosine",
    local: false,
  });
});

it("looks at KR_FLAG but before the merge, as the original", () => {
  const similarity = (CATEGORY_RERANK: "off" | "before_merge" | "after_merge"): string =>
    wayOfSettings({ ...submittedSettings, KR_FLAG: true, CATEGORY_RERANK }, "full").similarity;
  expect(similarity("off")).toBe("k-reciprocal");
  expect(similarity("after_merge")).toBe("k-reciprocal");
  expect(similarity("before_merge")).toBe("cosine");
});

it("refuses a re-ranking that the original does not have", () => {
  const settings = { ...submittedSettings, CATEGORY_RERANK: "hard" as "off" };
  expect(() => wayOfSettings(settings, "full")).toThrow(
    "CATEGORY_RERANK: expected one of off, before_merge, after_merge, got hard; correct it",
  );
  expect(() => wayOfSettings({ ...submittedSettings, LOCAL_MATCHING: "on" as "off" }, "full")).toThrow(
    "LOCAL_MATCHING: expected one of off, spg, got on; correct it",
  );
});

it("reads the lists that a way needs, and no others", () => {
  const networks = ["SER101ibn", "ResNeSt101"] as const;
  const listsOf = (name: string, of: readonly ("SER101ibn" | "ResNeSt101")[] = networks): readonly string[] =>
    neededLists(methodsOf(four).find((method) => method.name === name)!.way, of);
  expect(listsOf("off")).toEqual(["ensemble/index"]);
  expect(listsOf("off", ["ResNeSt101"])).toEqual(["ResNeSt101/index"]);
  expect(listsOf("ResNeSt101")).toEqual(["ResNeSt101/index"]);
  expect(listsOf("k-reciprocal")).toEqual(["ensemble/index", "ensemble/pool"]);
  expect(listsOf("submitted", ["SER101ibn"])).toEqual([
    "SER101ibn/index",
    "SER101ibn/query-index_train",
    "SER101ibn/index-index_train",
    "SER101ibn/votes-index_train",
  ]);
  expect(listsOf("cosine-votes", ["SER101ibn"])).toEqual([
    "SER101ibn/index",
    "SER101ibn/query-index_train",
    "SER101ibn/index-index_train",
  ]);
  expect(listsOf("voted-references", ["SER101ibn"])).toEqual([
    "SER101ibn/index",
    "SER101ibn/query-index_train",
  ]);
  expect(listsOf("after-merge")[0]).toBe("ensemble/index");
  expect(listsOf("references-full")).toContain("ResNeSt101/votes-full");
});
