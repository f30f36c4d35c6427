import {
  categoryTitle,
  createImageIds,
  type InternedStrings,
  readIndexLandmarksCsv,
  readLandmarkCategoriesCsv,
  readLandmarkCountriesCsv,
  readLandmarkHierarchyCsv,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const wiki = "http://commons.wikimedia.org/wiki/Category:";
const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(16));

function strings({ values, codes }: InternedStrings): string[] {
  return Array.from(codes, (code) => values[code]);
}

describe("readLandmarkCategoriesCsv", () => {
  it("takes the name out of the URL, quoted or not", async () => {
    const content = `landmark_id,category\n0,${wiki}Happy_Valley\n9,"${wiki}St_Peter,_Claydon"\n4,"${wiki}""Ode""_Category:x"\n5,https://example.org/wiki/Category:Happy_Valley\n`;
    const { landmarkIds, categories } = await readLandmarkCategoriesCsv(folder.write("c.csv", content));
    expect(landmarkIds).toEqual(Int32Array.of(0, 9, 4, 5));
    expect(categories).toEqual({
      values: ["Happy_Valley", "St_Peter,_Claydon", '"Ode"_Category:x'],
      codes: Int32Array.of(0, 1, 2, 0),
    });
  });

  it.each([
    [`1,Happy_Valley`, "bad-category", 'expected a URL with /wiki/Category: and a name, got "Happy_Valley"'],
    [
      `1,${wiki}`,
      "bad-category",
      'expected a URL with /wiki/Category: and a name, got "http://commons.wikimedia.org/wiki/Catego…"',
    ],
    [`7,${wiki}x`, "duplicate-landmark-id", "expected each landmark id once, got 7 again"],
    [`-7,${wiki}x`, "bad-landmark-id", 'expected a landmark id from 0 to 2147483647, got "-7"'],
  ])("refuses the row %s", async (row, code, detail) => {
    const file = folder.write("c.csv", `landmark_id,category\n7,${wiki}a\n${row}\n`);
    expect(await rejectionOf(readLandmarkCategoriesCsv(file))).toMatchObject({
      code,
      message: `${file}:3: ${detail}`,
    });
  });
});

describe("readLandmarkHierarchyCsv", () => {
  it("reads kinds, some of them unknown", async () => {
    const content = `landmark_id,category,supercategory,hierarchical_label,natural_or_human_made\n3,${wiki}A,castle,Structure/Fort/Castle,human-made\n1,${wiki}B,,,\n2,${wiki}C,lake,Nature/Water/Lake,natural\n`;
    const table = await readLandmarkHierarchyCsv(folder.write("h.csv", content));
    expect(table.landmarkIds).toEqual(Int32Array.of(3, 1, 2));
    expect(strings(table.categories)).toEqual(["A", "B", "C"]);
    expect(strings(table.supercategories)).toEqual(["castle", "", "lake"]);
    expect(strings(table.hierarchicalLabels)).toEqual(["Structure/Fort/Castle", "", "Nature/Water/Lake"]);
    expect(strings(table.origins)).toEqual(["human-made", "", "natural"]);
  });

  it("refuses the header of the other table", async () => {
    const file = folder.write("h.csv", `landmark_id,category\n3,${wiki}A\n`);
    expect(await rejectionOf(readLandmarkHierarchyCsv(file))).toMatchObject({
      code: "bad-header",
      message: `${file}:1: expected a header with landmark_id,category,supercategory,hierarchical_label,natural_or_human_made, got "landmark_id,category"`,
    });
  });
});

describe("readLandmarkCountriesCsv", () => {
  it("reads countries and continents", async () => {
    const file = folder.write(
      "k.csv",
      "landmark_id,country,continent\n3,PT,Europe\n1,EG,Africa\n2,FR,Europe\n",
    );
    const table = await readLandmarkCountriesCsv(file);
    expect(table.landmarkIds).toEqual(Int32Array.of(3, 1, 2));
    expect(strings(table.countries)).toEqual(["PT", "EG", "FR"]);
    expect(table.continents).toEqual({ values: ["Europe", "Africa"], codes: Int32Array.of(0, 1, 0) });
  });

  it.each([
    ["1,,Europe", "a country"],
    ["1,PT, ", "a continent"],
  ])("refuses the row %s", async (row, what) => {
    const file = folder.write("k.csv", `landmark_id,country,continent\n${row}\n`);
    expect(await rejectionOf(readLandmarkCountriesCsv(file))).toMatchObject({
      code: "empty-field",
      message: `${file}:2: expected ${what}, got an empty field`,
    });
  });
});

describe("readIndexLandmarksCsv", () => {
  const index = createImageIds([a, b, c]);

  it("gives the landmark of each index row", async () => {
    const file = folder.write("i.csv", `id,landmark_id\n${c},7\n${a},0\n`);
    expect(await readIndexLandmarksCsv(file, index)).toEqual(Int32Array.of(0, -1, 7));
  });

  it.each([
    [c, "duplicate-id", `expected each image id once, got "${c}" again`],
    ["d".repeat(16), "unknown-image", `expected an image id in the index list, got "${"d".repeat(16)}"`],
  ])("refuses the image %s", async (id, code, detail) => {
    const file = folder.write("i.csv", `id,landmark_id\n${c},7\n${id},1\n`);
    expect(await rejectionOf(readIndexLandmarksCsv(file, index))).toMatchObject({
      code,
      message: `${file}:3: ${detail}`,
    });
  });
});

describe("categoryTitle", () => {
  it.each([
    ["Luitpoldpark_in_Munich", "Luitpoldpark in Munich"],
    ["%C3%89glise_Saint-Cyrille", "Église Saint-Cyrille"],
    ["100%_natural", "100% natural"],
  ])("writes %s as %s", (name, title) => {
    expect(categoryTitle(name)).toBe(title);
  });
});
