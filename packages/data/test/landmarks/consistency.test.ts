import { landmarkCountries, landmarkDifficulties } from "@lmk/data/landmarks";
import { describe, expect, it } from "vitest";
import { recipeFrom } from "../../src/landmarks/dataset/options.ts";
import { createPlan } from "../../src/landmarks/dataset/plan.ts";
import { createTables } from "../../src/landmarks/dataset/tables.ts";

const sizes = { landmarks: 300, trainImages: 2000, indexImages: 700, testImages: 600 };

describe.each(["easy", "medium", "hard"] as const)("the tables of a data set that is %s", (difficulty) => {
  const tables = createTables(createPlan(recipeFrom({ ...landmarkDifficulties[difficulty], ...sizes })), 1);
  const rowsOf = (table: string): string[][] =>
    tables[table]!.trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
  const column = (table: string, at: number): string[] => rowsOf(table).map((row) => row[at]!);
  const mapOf = (table: string, key: number, value: number): Map<string, string> =>
    new Map(rowsOf(table).map((row) => [row[key]!, row[value]!]));

  const trainLabel = mapOf("train.csv", 0, 2);
  const indexLabel = mapOf("index_image_to_landmark.csv", 0, 1);
  const trainCategory = mapOf("train_label_to_category.csv", 0, 1);
  const indexCategory = mapOf("index_label_to_category.csv", 0, 1);
  const recognition = mapOf("recognition_solution_v2.1.csv", 0, 1);
  const retrieval = mapOf("retrieval_solution_v2.1.csv", 0, 1);

  it("hold every id in one table only", () => {
    const ids = ["train.csv", "index.csv", "test.csv"].flatMap((table) => column(table, 0));
    expect(ids).toHaveLength(2000 + 700 + 600);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("list in train_clean.csv only images of train.csv, once, under their label, two or more", () => {
    const seen = new Set<string>();
    for (const [label, images] of rowsOf("train_clean.csv")) {
      const ids = images!.split(" ");
      expect(ids.length).toBeGreaterThanOrEqual(2);
      for (const id of ids) {
        expect(trainLabel.get(id)).toBe(label);
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
    }
    const wrong = Math.round(2000 * landmarkDifficulties[difficulty].noiseRate!);
    expect(seen.size).toBeLessThanOrEqual(2000 - wrong);
    expect(seen.size).toBeGreaterThan(0.9 * (2000 - wrong) - 300);
  });

  it("describe every landmark of the train set in all four ways", () => {
    const labels = new Set(trainLabel.values());
    for (const table of ["category", "hierarchical", "country"])
      expect(new Set(column(`train_label_to_${table}.csv`, 0))).toEqual(labels);
    expect(column("train_attribution.csv", 0)).toEqual(column("train.csv", 0));
    expect(mapOf("train_label_to_hierarchical.csv", 0, 1)).toEqual(trainCategory);
    for (const [, country, continent] of rowsOf("train_label_to_country.csv"))
      expect(landmarkCountries).toContainEqual(expect.objectContaining({ code: country, continent }));
  });

  it("describe every landmark of the index set", () => {
    const labels = new Set(indexLabel.values());
    for (const table of ["category", "hierarchical"])
      expect(new Set(column(`index_label_to_${table}.csv`, 0))).toEqual(labels);
    const known = new Set(column("index.csv", 0));
    for (const id of indexLabel.keys()) expect(known.has(id)).toBe(true);
    expect(mapOf("index_label_to_hierarchical.csv", 0, 1)).toEqual(indexCategory);
  });

  it("number a landmark of both sets independently, under one category", () => {
    const trainLabelOf = new Map([...trainCategory].map(([label, category]) => [category, label]));
    expect(trainLabelOf.size).toBe(trainCategory.size);
    expect(new Set(indexCategory.values()).size).toBe(indexCategory.size);
    const both = [...indexCategory].filter(([, category]) => trainLabelOf.has(category));
    expect(both.length).toBeGreaterThan(100);
    const same = both.filter(([label, category]) => trainLabelOf.get(category) === label);
    expect(same.length).toBeLessThan(3);
  });

  it("give to each query the index images of its landmark, all of them and no other", () => {
    const byCategory = new Map<string, string[]>();
    for (const [id, label] of indexLabel) {
      const category = indexCategory.get(label)!;
      byCategory.set(category, [...(byCategory.get(category) ?? []), id]);
    }
    expect([...retrieval.keys()]).toEqual([...recognition.keys()]);
    expect([...retrieval.keys()]).toEqual(column("test.csv", 0));
    for (const [id, images] of retrieval) {
      const label = recognition.get(id)!;
      if (images === "None") {
        if (label !== "") expect(byCategory.has(trainCategory.get(label)!)).toBe(false);
        continue;
      }
      const ids = images.split(" ");
      const category = indexCategory.get(indexLabel.get(ids[0]!)!)!;
      expect(byCategory.get(category)).toEqual(ids);
      if (label !== "") expect(trainCategory.get(label)).toBe(category);
      else expect([...trainCategory.values()]).not.toContain(category);
    }
  });

  it("ignore exactly the queries without an answer, and make a third of the others public", () => {
    const usage = mapOf("retrieval_solution_v2.1.csv", 0, 2);
    const recognitionUsage = mapOf("recognition_solution_v2.1.csv", 0, 2);
    for (const [id, images] of retrieval) {
      expect(usage.get(id) === "Ignored").toBe(images === "None");
      if (images !== "None") expect(usage.get(id)).toBe(recognitionUsage.get(id));
    }
    const shares = [...recognitionUsage.values()];
    expect(new Set(shares)).toEqual(new Set(["Public", "Private"]));
    const isPublic = shares.filter((value) => value === "Public").length / shares.length;
    // Within three deviations of a third for 600 draws.
    expect(Math.abs(isPublic - 1 / 3)).toBeLessThan(0.058);
  });

  it("name the copies of photos, if there are any", () => {
    const { duplicateRate } = landmarkDifficulties[difficulty];
    expect("train_duplicates.csv" in tables).toBe(duplicateRate! > 0);
    if (duplicateRate === 0) return;
    const pairs = rowsOf("train_duplicates.csv") as [string, string][];
    expect(pairs).toHaveLength(Math.round(2000 * duplicateRate!));
    const copies = new Set(pairs.map(([copy]) => copy));
    const clean = new Set(rowsOf("train_clean.csv").flatMap(([, images]) => images!.split(" ")));
    for (const [copy, original] of pairs) {
      expect(trainLabel.get(original)).toBe(trainLabel.get(copy));
      expect(copies.has(original)).toBe(false);
      expect([clean.has(copy), clean.has(original)]).toEqual([true, true]);
    }
  });
});
