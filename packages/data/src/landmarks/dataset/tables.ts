import { archetypes } from "../archetypes/archetypes.ts";
import { createRandom } from "../random.ts";
import { landmarkCountries } from "./countries.ts";
import type { Plan, PlannedImage, PlannedLandmark, Split } from "./plan.ts";

/** The CSV files of a data set, by their names. */
export type Tables = Readonly<Record<string, string>>;

/** Every CSV file of a data set. */
export function createTables(plan: Plan, seed: number | string): Tables {
  return {
    ...createTrainTables(plan),
    ...createDuplicateTable(plan),
    ...createIndexTables(plan),
    ...createTestTables(plan, seed),
  };
}

function createTrainTables({ landmarks, images }: Plan): Tables {
  const train = images.filter(({ split }) => split === "train");
  const shown = sortedBy(
    landmarks.filter(({ trainLabel }) => trainLabel !== null),
    ({ trainLabel }) => trainLabel!,
  );
  return {
    "train.csv": table("id,url,landmark_id", train, ({ id, label }) => [
      id,
      urlOf("train", id),
      landmarks[label]!.trainLabel!,
    ]),
    "train_clean.csv": table("landmark_id,images", cleanRows(landmarks, train), (row) => row),
    "train_attribution.csv": table("id,url,author,license,title", train, ({ id, label }) => [
      id,
      urlOf("train", id),
      "@lmk/data",
      "https://creativecommons.org/publicdomain/zero/1.0/",
      `${landmarks[label]!.name}.jpg`,
    ]),
    "train_label_to_category.csv": table("landmark_id,category", shown, (landmark) => [
      landmark.trainLabel!,
      categoryOf(landmark),
    ]),
    "train_label_to_hierarchical.csv": table(hierarchicalHeader, shown, (landmark) => [
      landmark.trainLabel!,
      ...hierarchyOf(landmark),
    ]),
    "train_label_to_country.csv": table("landmark_id,country,continent", shown, (landmark) => [
      landmark.trainLabel!,
      landmark.country,
      continentOf(landmark),
    ]),
  };
}

/** Which images are copies of which; no table where there are none. */
function createDuplicateTable({ images }: Plan): Tables {
  const copies = images.filter(({ copyOf }) => copyOf !== null);
  if (copies.length === 0) return {};
  return {
    "train_duplicates.csv": table("id,duplicate_of", copies, ({ id, copyOf }) => [id, copyOf!.id]),
  };
}

function createIndexTables({ landmarks, images }: Plan): Tables {
  const index = images.filter(({ split }) => split === "index");
  const known = index.filter(({ shows }) => shows >= 0);
  const rows = new Set(known.map(({ shows }) => shows));
  const shown = sortedBy(
    landmarks.filter((_, row) => rows.has(row)),
    ({ indexLabel }) => indexLabel,
  );
  return {
    "index.csv": table("id", index, ({ id }) => [id]),
    "index_image_to_landmark.csv": table("id,landmark_id", known, ({ id, shows }) => [
      id,
      landmarks[shows]!.indexLabel,
    ]),
    "index_label_to_category.csv": table("landmark_id,category", shown, (landmark) => [
      landmark.indexLabel,
      categoryOf(landmark),
    ]),
    "index_label_to_hierarchical.csv": table(hierarchicalHeader, shown, (landmark) => [
      landmark.indexLabel,
      ...hierarchyOf(landmark),
    ]),
  };
}

function createTestTables({ landmarks, images }: Plan, seed: number | string): Tables {
  const test = images.filter(({ split }) => split === "test");
  const index = images.filter(({ split, shows }) => split === "index" && shows >= 0);
  const byLandmark = groupBy(index, ({ shows }) => shows);
  const usage = usageOf(seed);
  return {
    "test.csv": table("id", test, ({ id }) => [id]),
    "recognition_solution_v2.1.csv": table("id,landmarks,Usage", test, ({ id, shows }) => [
      id,
      landmarks[shows]?.trainLabel ?? "",
      usage(id),
    ]),
    "retrieval_solution_v2.1.csv": table("id,images,Usage", test, ({ id, shows }) => {
      const right = byLandmark.get(shows);
      if (right === undefined) return [id, "None", "Ignored"];
      return [id, right.map((image) => image.id).join(" "), usage(id)];
    }),
  };
}

const hierarchicalHeader = "landmark_id,category,supercategory,hierarchical_label,natural_or_human_made";

function table<Item>(
  header: string,
  items: readonly Item[],
  row: (item: Item) => readonly (string | number)[],
): string {
  return `${[header, ...items.map((item) => row(item).join(","))].join("\n")}\n`;
}

function urlOf(split: Split, id: string): string {
  return `https://example.org/landmarks/${split}/${id}.jpg`;
}

function categoryOf(landmark: PlannedLandmark): string {
  return `https://example.org/wiki/Category:${landmark.name.replaceAll(" ", "_")}`;
}

function hierarchyOf(landmark: PlannedLandmark): string[] {
  const archetype = archetypes[landmark.design.archetype];
  return [
    categoryOf(landmark),
    archetype.supercategory,
    archetype.hierarchy,
    archetype.isNatural ? "natural" : "human-made",
  ];
}

function continentOf(landmark: PlannedLandmark): string {
  return landmarkCountries.find(({ code }) => code === landmark.country)!.continent;
}

/** The right images of each landmark that has at least two of them. */
function cleanRows(
  landmarks: readonly PlannedLandmark[],
  train: readonly PlannedImage[],
): (readonly [number, string])[] {
  const right = groupBy(
    train.filter(({ shows, label }) => shows === label),
    ({ label }) => label,
  );
  const rows = [...right]
    .filter(([, images]) => images.length >= 2)
    .map(([row, images]) => [landmarks[row]!.trainLabel!, images.map(({ id }) => id).join(" ")] as const);
  return sortedBy(rows, ([label]) => label);
}

/** A third of the queries are public, as on a leader board. */
function usageOf(seed: number | string): (id: string) => "Public" | "Private" {
  return (id) => (createRandom(seed, "usage", id)() < 1 / 3 ? "Public" : "Private");
}

function sortedBy<Item>(items: readonly Item[], key: (item: Item) => number): Item[] {
  return [...items].sort((a, b) => key(a) - key(b));
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
