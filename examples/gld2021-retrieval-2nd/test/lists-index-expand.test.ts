import { createImageIds, createNames, type ImageTable } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { groundTruthOf, indexExpand } from "../src/lists/index-expand.ts";

function tableOf(...ids: string[]): ImageTable {
  return { ids: createImageIds(ids), paths: createNames(ids.length, (row) => `${ids[row]}.jpg`) };
}

const data = {
  index: tableOf("a", "b", "c", "d", "e"),
  test: tableOf("p", "q", "r"),
  retrieval: {
    queries: Int32Array.of(2, 0, 1),
    usages: ["Private", "Ignored", "Public"] as const,
    relevant: [Int32Array.of(4, 1), Int32Array.of(), Int32Array.of(1, 0)],
  },
};

it("has the queries that are not ignored, and the index of the contest with what is right for them", () => {
  const { queries, images, relevant, ignored } = indexExpand(data, { contest: createImageIds(["d", "b"]) });
  expect([...queries]).toEqual([2, 1]);
  // d and b of the contest, then e and a, which are right for a query; c is neither.
  expect([...images]).toEqual([3, 1, 4, 0]);
  expect(relevant).toEqual([Int32Array.of(2, 1), Int32Array.of(1, 3)]);
  expect(ignored).toEqual([Int32Array.of(), Int32Array.of()]);
});

it("searches the whole index where no contest's is given", () => {
  const { images, relevant } = indexExpand(data);
  expect([...images]).toEqual([0, 1, 2, 3, 4]);
  expect(relevant).toEqual([Int32Array.of(4, 1), Int32Array.of(1, 0)]);
});

it("takes another ground truth, such as the authors' pickle", () => {
  const truth = { queries: ["p"], relevant: [["c"]], ignored: [["p", "d"]] };
  const { queries, images, relevant, ignored } = indexExpand(data, { contest: createImageIds(["d"]), truth });
  expect([[...queries], [...images]]).toEqual([[0], [3, 2]]);
  expect([relevant, ignored]).toEqual([[Int32Array.of(1)], [Int32Array.of(0)]]);
});

it("gives the ground truth by ids", () => {
  expect(groundTruthOf(data)).toEqual({
    queries: ["r", "q"],
    relevant: [
      ["e", "b"],
      ["b", "a"],
    ],
    ignored: [["r"], ["q"]],
  });
});

it("says what is missing", () => {
  expect(() => indexExpand({ ...data, retrieval: undefined })).toThrow(
    new UserError(
      "index_expand: expected a data set with a retrieval solution, got none; put retrieval_solution_v2.1.csv into its folder",
    ),
  );
  expect(() => indexExpand(data, { contest: createImageIds(["f"]) })).toThrow(
    new UserError(
      "index_expand: expected index to hold all images of the validation set, got none of id f; use all of Google Landmarks v2",
    ),
  );
  expect(() => indexExpand(data, { truth: { queries: ["z"], relevant: [[]], ignored: [["z"]] } })).toThrow(
    /expected test to hold all images of the validation set, got none of id z/,
  );
});
