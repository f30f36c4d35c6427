import { join } from "node:path";
import { gldv2ImagePath, openGldv2 } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const [a, b, c, d] = ["a", "b", "c", "d"].map((digit) => digit.repeat(16));

function writeTables(root: string, place: (split: string, name: string) => string): string {
  const tables: readonly (readonly [string, string, string])[] = [
    ["train", "train.csv", `id,url,landmark_id\n${b},,3\n${a},,5\n${c},,3\n`],
    ["train", "train_clean.csv", `landmark_id,images\n3,${c} ${b}\n`],
    ["index", "index.csv", `id\n${c}\n${d}\n`],
    ["test", "test.csv", `id\n${a}\n${b}\n`],
    ["test", "retrieval_solution_v2.1.csv", `id,images,Usage\n${b},${d},Private\n${a},None,Ignored\n`],
    ["test", "recognition_solution_v2.1.csv", `id,landmarks,Usage\n${a},,Public\n${b},3,Private\n`],
  ];
  for (const [split, name, content] of tables) folder.write(`${root}/${place(split, name)}`, content);
  return join(folder.path, root);
}

describe("gldv2ImagePath", () => {
  it("nests by the first three digits", () => {
    expect(gldv2ImagePath("root", "index", "6e158a47eb2ca3f6")).toBe(
      join("root", "index/6/e/1/6e158a47eb2ca3f6.jpg"),
    );
  });

  it("refuses other ids and splits", () => {
    expect(() => gldv2ImagePath("root", "index", "../../../etc/pwd")).toThrow(
      new RangeError('gldv2ImagePath: expected `id` to be 16 hexadecimal digits, got "../../../etc/pwd"'),
    );
    expect(() => gldv2ImagePath("root", "query" as "test", "6e158a47eb2ca3f6")).toThrow(
      new RangeError('gldv2ImagePath: expected `split` to be one of train, index, test, got "query"'),
    );
  });
});

describe("openGldv2", () => {
  it.each([
    ["flat", (_: string, name: string) => name],
    ["by split", (split: string, name: string) => `${split}/${name}`],
    ["metadata", (_: string, name: string) => `metadata/${name}`],
  ])("reads splits and solutions together (%s)", async (root, place) => {
    const path = writeTables(root, place);
    const data = await openGldv2(path);
    expect(data.train.landmarkIds).toEqual(Int32Array.of(3, 5, 3));
    expect(data.clean).toEqual(Int32Array.of(0, 2));
    expect([data.cleanLabels?.ids.at(0), data.cleanLabels?.ids.at(1)]).toEqual([c, b]);
    expect(data.train.paths.at(1)).toBe(gldv2ImagePath(path, "train", a));
    expect(data.index.paths.at(1)).toBe(gldv2ImagePath(path, "index", d));
    expect(data.test.ids.at(0)).toBe(a);
    expect(data.retrieval).toEqual({
      queries: Int32Array.of(1, 0),
      usages: ["Private", "Ignored"],
      relevant: [Int32Array.of(1), Int32Array.of()],
    });
    expect(data.recognition?.landmarkIds).toEqual([Int32Array.of(), Int32Array.of(3)]);
  });

  it("does without a cleaned list and solutions", async () => {
    folder.write("bare/train.csv", `id,landmark_id\n${a},1\n`);
    folder.write("bare/index.csv", `id\n${c}\n`);
    folder.write("bare/test.csv", `id\n${b}\n`);
    const data = await openGldv2(join(folder.path, "bare"));
    expect([data.clean, data.retrieval, data.recognition, data.landmarkNames.size]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
    expect([data.categories, data.hierarchy, data.countries]).toEqual([undefined, undefined, undefined]);
    expect([data.indexLandmarkIds, data.indexCategories]).toEqual([undefined, undefined]);
  });

  it("reads what is known of the landmarks where it is there", async () => {
    const root = writeTables("known", (_, name) => name);
    const wiki = "http://commons.wikimedia.org/wiki/Category:";
    const hierarchy = `landmark_id,category,supercategory,hierarchical_label,natural_or_human_made\n5,${wiki}B,lake,Lake,natural\n`;
    folder.write("known/train_label_to_hierarchical.csv", hierarchy);
    expect((await openGldv2(root)).landmarkNames).toEqual(new Map([[5, "B"]]));

    folder.write(
      "known/train_label_to_category.csv",
      `landmark_id,category\n3,"${wiki}Ch%C3%A2teau,_old"\n5,${wiki}B\n`,
    );
    folder.write("known/train_label_to_country.csv", "landmark_id,country,continent\n3,FR,Europe\n");
    folder.write("known/index/index_image_to_landmark.csv", `id,landmark_id\n${d},8\n`);
    folder.write("known/metadata/index_label_to_category.csv", `landmark_id,category\n8,${wiki}B\n`);
    const data = await openGldv2(root);
    expect(data.landmarkNames).toEqual(
      new Map([
        [3, "Château, old"],
        [5, "B"],
      ]),
    );
    expect(data.categories?.categories.values).toEqual(["Ch%C3%A2teau,_old", "B"]);
    expect(data.hierarchy?.origins.values).toEqual(["natural"]);
    expect(data.countries?.countries.values).toEqual(["FR"]);
    expect(data.indexLandmarkIds).toEqual(Int32Array.of(-1, 8));
    expect(data.indexCategories?.categories.values).toEqual(["B"]);
  });

  it("says which table is missing and where it looked", async () => {
    folder.write("part/train.csv", `id,landmark_id\n${a},1\n`);
    const root = join(folder.path, "part");
    expect(await rejectionOf(openGldv2(root))).toMatchObject({
      code: "missing-file",
      message: `${root}: expected index.csv in this folder, its index/ or its metadata/, got none`,
    });
  });

  it("names file and line of a solution that refers to an image the index does not hold", async () => {
    const root = writeTables("unknown", (_, name) => name);
    const file = folder.write("unknown/retrieval_solution_v2.1.csv", `id,images,Usage\n${b},${a},Private\n`);
    expect(await rejectionOf(openGldv2(root))).toMatchObject({
      code: "unknown-image",
      message: `${file}:2: expected an image id in the index list, got "${a}"`,
    });
  });
});
