import { createHash } from "node:crypto";
import { landmarkCountries } from "@lmk/data/landmarks";
import { describe, expect, it } from "vitest";
import { type GenerateOptions, recipeFrom } from "../../src/landmarks/dataset/options.ts";
import { createPlan, type Plan, spread } from "../../src/landmarks/dataset/plan.ts";
import { createTables } from "../../src/landmarks/dataset/tables.ts";

const plan = createPlan(recipeFrom({}));
const tables = createTables(plan, 1);

function rowsOf(table: string, from: Readonly<Record<string, string>> = tables): string[][] {
  const [, ...lines] = from[table]!.trimEnd().split("\n");
  return lines.map((line) => line.split(","));
}

function planOf(options: GenerateOptions): Plan {
  return createPlan(recipeFrom(options));
}

describe("the default data set", () => {
  it("has 200 landmarks, 2500 train, 800 index and 250 test images at 176 pixels", () => {
    expect(plan.landmarks).toHaveLength(200);
    expect(rowsOf("train.csv")).toHaveLength(2500);
    expect(rowsOf("index.csv")).toHaveLength(800);
    expect(rowsOf("test.csv")).toHaveLength(250);
    expect(recipeFrom({})).toEqual({
      seed: 1,
      landmarks: 200,
      trainImages: 2500,
      indexImages: 800,
      testImages: 250,
      tailExponent: 0.6,
      noiseRate: 0.1,
      distractorRate: 0.2,
      nearDuplicateRate: 0.1,
      unseenRate: 0.1,
      duplicateRate: 0,
      sceneDifficulty: 0.5,
      longSide: 176,
      jpegQuality: 87,
      countries: landmarkCountries.map(({ code }) => code),
    });
  });

  it("has the same tables as ever", () => {
    const hash = createHash("sha256");
    for (const name of Object.keys(tables).sort()) hash.update(name).update(tables[name]!);
    expect(hash.digest("hex")).toBe("5aa1f64a5076de5b8e421594e05044807790e51a8b93f02d4ab5bea2712bd20b");
  });

  it("gives every image an id of its own: 16 hexadecimal digits", () => {
    const ids = plan.images.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it("has wrong labels in train.csv at the noise rate, and none of them in train_clean.csv", () => {
    const wrong = plan.images.filter(({ split, shows, label }) => split === "train" && shows !== label);
    expect(wrong).toHaveLength(250);
    expect(wrong.filter(({ shows }) => shows < 0)).toHaveLength(125);
    const clean = new Set(rowsOf("train_clean.csv").flatMap(([, images]) => images!.split(" ")));
    for (const { id } of wrong) expect(clean.has(id)).toBe(false);
    const labelOf = new Map(rowsOf("train.csv").map(([id, , label]) => [id, label]));
    for (const [label, images] of rowsOf("train_clean.csv")) {
      const ids = images!.split(" ");
      expect(ids.length).toBeGreaterThanOrEqual(2);
      for (const id of ids) expect(labelOf.get(id)).toBe(label);
    }
  });

  it("leaves out of train_clean.csv the landmarks with a single right image", () => {
    const sparse = planOf({ landmarks: 30, trainImages: 60, unseenRate: 0, noiseRate: 0, tailExponent: 2 });
    const images = sparse.images.filter(({ split }) => split === "train");
    const counts = sparse.landmarks.map((_, row) => images.filter(({ label }) => label === row).length);
    expect(counts.filter((count) => count === 1).length).toBeGreaterThan(10);
    const clean = rowsOf("train_clean.csv", createTables(sparse, 1));
    expect(clean).toHaveLength(counts.filter((count) => count >= 2).length);
  });

  it("has a long tail", () => {
    const counts = new Map<string, number>();
    for (const [, , label] of rowsOf("train.csv")) counts.set(label!, (counts.get(label!) ?? 0) + 1);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    expect(sorted).toHaveLength(180);
    const head = sorted.slice(0, 18).reduce((a, b) => a + b, 0);
    const tail = sorted.slice(-18).reduce((a, b) => a + b, 0);
    expect(head / tail).toBeGreaterThan(4);
    expect(sorted.at(-1)).toBeGreaterThanOrEqual(1);
  });

  it("names in the retrieval solution all index images of the query's landmark, or ignores the query", () => {
    const byId = new Map(plan.images.map((image) => [image.id, image]));
    for (const [id, images, usage] of rowsOf("retrieval_solution_v2.1.csv")) {
      const { shows } = byId.get(id!)!;
      const right = plan.images.filter(
        (image) => image.split === "index" && image.shows === shows && shows >= 0,
      );
      if (right.length === 0) expect([images, usage]).toEqual(["None", "Ignored"]);
      else {
        expect(images).toBe(right.map((image) => image.id).join(" "));
        expect(["Public", "Private"]).toContain(usage);
      }
    }
  });

  it("names in the recognition solution the train label, or nothing", () => {
    const rows = rowsOf("recognition_solution_v2.1.csv");
    const byId = new Map(plan.images.map((image) => [image.id, image]));
    for (const [id, label, usage] of rows) {
      const { shows } = byId.get(id!)!;
      expect(label).toBe(shows < 0 ? "" : String(plan.landmarks[shows]!.trainLabel ?? ""));
      expect(["Public", "Private"]).toContain(usage);
    }
    const isPublic = rows.filter(([, , usage]) => usage === "Public").length;
    expect(isPublic / rows.length).toBeGreaterThan(0.23);
    expect(isPublic / rows.length).toBeLessThan(0.43);
    expect(rows.filter(([, label]) => label === "").length).toBeGreaterThanOrEqual(50);
  });

  it("shows no landmark on a fifth of the index and of the test images", () => {
    for (const [split, count] of [
      ["index", 160],
      ["test", 50],
    ] as const) {
      expect(plan.images.filter((image) => image.split === split && image.shows < 0)).toHaveLength(count);
    }
    expect(rowsOf("index_image_to_landmark.csv")).toHaveLength(640);
  });

  it("keeps a tenth of the landmarks out of the train set, some of them among the queries", () => {
    const unseen = plan.landmarks
      .map((_, row) => row)
      .filter((row) => plan.landmarks[row]!.trainLabel === null);
    expect(unseen).toHaveLength(20);
    for (const { split, shows, label } of plan.images) {
      if (split === "train" && shows === label) expect(unseen).not.toContain(shows);
    }
    expect(plan.images.some(({ split, shows }) => split === "test" && unseen.includes(shows))).toBe(true);
  });

  it("describes each landmark: category, kind, country and continent", () => {
    const hierarchy = rowsOf("train_label_to_hierarchical.csv");
    expect(hierarchy).toHaveLength(180);
    expect(new Set(hierarchy.map(([label]) => label)).size).toBe(180);
    expect(new Set(hierarchy.map(([, category]) => category)).size).toBe(180);
    expect(new Set(hierarchy.map(([, , supercategory]) => supercategory)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(hierarchy.map((row) => row[4]))).toEqual(new Set(["natural", "human-made"]));
    for (const [, country, continent] of rowsOf("train_label_to_country.csv")) {
      expect(landmarkCountries.find(({ code }) => code === country)!.continent).toBe(continent);
    }
  });

  it("makes near-duplicates of the same kind as their model", () => {
    const twins = plan.landmarks.filter(({ design }) => design.twinOf !== null);
    expect(twins).toHaveLength(20);
    for (const { design } of twins) {
      const model = plan.landmarks.find((landmark) => landmark.design.seed === design.twinOf)!;
      expect(model.design.archetype).toBe(design.archetype);
      expect(model.design.twinOf).toBeNull();
    }
  });
});

describe("the countries option", () => {
  it("places every landmark in one of them", () => {
    const there = planOf({ countries: ["JP", "KE"] });
    expect(new Set(there.landmarks.map(({ country }) => country))).toEqual(new Set(["JP", "KE"]));
  });
});

describe("spread", () => {
  it("divides by a power law, to the last image", () => {
    expect(spread(11, 3, 1, 0)).toEqual([6, 3, 2]);
    expect(spread(11, 3, 0, 1)).toEqual([4, 4, 3]);
    expect(spread(3, 3, 2, 1)).toEqual([1, 1, 1]);
  });
});
