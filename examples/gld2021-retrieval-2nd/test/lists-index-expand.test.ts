import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createImageIds, createNames, type ImageIds, type ImageTable } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { groundTruthOf, indexExpand } from "../src/lists/index-expand.ts";
import { contestShareOf, readValidationFiles } from "../src/lists/validation-files.ts";
import { temporaryFolder } from "./golden-lists.ts";

const folder = temporaryFolder();

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
  const contest = createImageIds(["d", "b"]);
  const { queries, images, added, relevant, ignored } = indexExpand(data, { contest });
  expect([...queries]).toEqual([2, 1]);
  // d and b of the contest, then e and a, which are right for a query; c is neither.
  expect([...images]).toEqual([3, 1, 4, 0]);
  expect(added).toBe(2);
  expect(relevant).toEqual([Int32Array.of(2, 1), Int32Array.of(1, 3)]);
  expect(ignored).toEqual([Int32Array.of(), Int32Array.of()]);
});

it("searches the whole index where no contest's is given", () => {
  const { images, added, relevant } = indexExpand(data);
  expect(added).toBe(0);
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

const idsOf = (ids: ImageIds | undefined): string[] =>
  Array.from({ length: ids?.length ?? 0 }, (_, row) => ids!.at(row));

it("reads the contest's index from its folder or a table, and the authors' ground truth", async () => {
  const index = join(folder, "index");
  mkdirSync(join(index, "a"), { recursive: true });
  for (const file of ["a/a1.jpg", "b2.jpg"]) writeFileSync(join(index, file), "");
  const table = join(folder, "index.csv");
  writeFileSync(table, "id\n00000000000000b2\n00000000000000a1\n");
  const truth = fileURLToPath(
    new URL(
      "../../../packages/data/test/readers/winners-files/GLDv2_search_label_competition_2021.pkl",
      import.meta.url,
    ),
  );
  expect(idsOf((await readValidationFiles({ contestIndex: index })).contest)).toEqual(["a1", "b2"]);
  const read = await readValidationFiles({ contestIndex: table, truth });
  expect(idsOf(read.contest)).toEqual(["00000000000000b2", "00000000000000a1"]);
  expect(read.truth!.queries).toEqual(["000f0a0b00000001", "000f0a0b00000002"]);
  expect(await readValidationFiles({})).toEqual({});
});

it("refuses files that are not there, and a folder without images", async () => {
  const none = join(folder, "nowhere");
  await expect(readValidationFiles({ contestIndex: none })).rejects.toThrow(
    new UserError(
      `--contest-index: expected index/ of the competition, or a .csv with a column id, got no ${none}; correct the path`,
    ),
  );
  await expect(readValidationFiles({ truth: none })).rejects.toThrow(
    new UserError(
      `--truth: expected GLDv2_search_label_competition_2021.pkl, got no ${none}; correct the path`,
    ),
  );
  mkdirSync(join(folder, "empty"));
  await expect(readValidationFiles({ contestIndex: join(folder, "empty") })).rejects.toThrow(
    /expected \.jpg images, got none; check --contest-index/,
  );
});

it("takes a share of an index in place of the contest's", () => {
  expect(idsOf(contestShareOf(data.index.ids, 0.5))).toEqual(["a", "b", "c"]);
  expect(idsOf(contestShareOf(data.index.ids, 1))).toEqual(["a", "b", "c", "d", "e"]);
});
